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
