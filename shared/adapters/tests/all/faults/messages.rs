//! Answers of SES that were taken for final and are not.

use oms_app::ports::{Messenger as _, SendError};
use oms_domain::messaging::Channel;

use crate::messages::{Service, message};

#[tokio::test]
async fn l1_a_sender_that_is_not_verified_yet_costs_no_message() {
    let answers = [
        "{\"__type\":\"MessageRejected\",\"message\":\"Email address is not verified.\"}",
        "{\"__type\":\"TooManyRequestsException\",\"message\":\"Maximum sending rate exceeded.\"}",
        "{\"__type\":\"AccessDeniedException\",\"message\":\"not authorized\"}",
    ];
    for answer in answers {
        let service = Service::answering(400, answer);
        let error = service.messenger().send(&message(Channel::Email, "ada@example.com")).await.unwrap_err();
        assert!(matches!(error, SendError::Transient(_)), "{answer}: {error}");
    }
}

#[tokio::test]
async fn f2_every_e_mail_names_the_configuration_set_that_its_role_may_use() {
    let service = Service::answering(200, "{}");
    service.messenger().send(&message(Channel::Email, "ada@example.com")).await.unwrap();
    let asked: serde_json::Value = serde_json::from_str(&service.asked().concat()).unwrap();
    assert_eq!(asked["ConfigurationSetName"], "oms-prod");
}

#[tokio::test]
async fn c3_a_text_message_says_what_it_may_cost() {
    let service = Service::answering(200, "<PublishResponse><PublishResult/></PublishResponse>");
    service.messenger().send(&message(Channel::Sms, "+491701234567")).await.unwrap();
    let asked = service.asked().concat();
    assert!(asked.contains("AWS.SNS.SMS.MaxPrice") && asked.contains("StringValue=0.2"), "{asked}");
}
