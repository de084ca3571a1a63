//! What SNS and SES are asked on the wire, and how their answers are read.

use std::sync::{Arc, Mutex};

use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use oms_adapters::messenger::{AwsMessenger, Terms};
use oms_adapters::sns_bus::SnsBus;
use oms_app::ports::{EventBus as _, Message, Messenger as _, Notice, PublishError, SendError};
use oms_domain::chain;
use oms_domain::messaging::{Channel, MessageKind};
use oms_domain::public_event::CloudEvent;
use oms_testkit::builders::{an_order, order_id};

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:shop-order-events.fifo";

/// A service that always gives the same answer and remembers what it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    status: u16,
    answer: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap();
        self.asked.lock().unwrap().push(body);
        let status = StatusCode::try_from(self.status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.answer))))
    }
}

impl Service {
    pub(crate) fn answering(status: u16, answer: &'static str) -> Self {
        Service { status, answer, asked: Arc::default() }
    }

    fn http(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    fn sns(&self) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.http());
        aws_sdk_sns::Client::from_conf(config.build())
    }

    fn sesv2(&self) -> aws_sdk_sesv2::Client {
        let config = aws_sdk_sesv2::Config::builder()
            .behavior_version(aws_sdk_sesv2::config::BehaviorVersion::latest())
            .region(aws_sdk_sesv2::config::Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(aws_sdk_sesv2::config::retry::RetryConfig::disabled())
            .http_client(self.http());
        aws_sdk_sesv2::Client::from_conf(config.build())
    }

    pub(crate) fn messenger(&self) -> AwsMessenger {
        let terms = Terms {
            from: "orders@example.com".into(),
            configuration_set: "oms-prod".into(),
            sms_max_price: "0.2".into(),
        };
        AwsMessenger::new(self.sesv2(), self.sns(), terms)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn events() -> Vec<CloudEvent> {
    let change = an_order(1).change();
    let records = chain::open(&change.events, &change.order.head).unwrap();
    records.iter().map(|record| CloudEvent::of(order_id(1), record)).collect()
}

pub(crate) fn message(channel: Channel, to: &str) -> Message {
    Message {
        notice: Notice { order_id: order_id(1), version: 2, channel },
        kind: MessageKind::Submitted,
        to: to.into(),
        subject: Some("Your order — thank you".into()),
        body: "Hello Ada".into(),
    }
}

#[tokio::test]
async fn one_failed_event_of_a_batch_is_told_apart() {
    let service = Service::answering(
        200,
        "<PublishBatchResponse><PublishBatchResult><Failed><member><Id>1</Id><Code>InternalError</Code>\
         <SenderFault>false</SenderFault></member></Failed><Successful><member><Id>0</Id><MessageId>m</MessageId>\
         </member></Successful></PublishBatchResult></PublishBatchResponse>",
    );
    let results = SnsBus::new(service.sns(), TOPIC).publish(&events()).await;
    assert_eq!(results, [Ok(()), Err(PublishError("InternalError".into()))]);
    let asked = service.asked().concat();
    let entry = "PublishBatchRequestEntries.member.2";
    let id = order_id(1);
    assert!(asked.contains(&format!("{entry}.MessageGroupId={id}")), "{asked}");
    assert!(asked.contains(&format!("{entry}.MessageDeduplicationId={id}%2F2")), "{asked}");
    assert!(asked.contains("Value.StringValue=order.submitted"), "{asked}");
}

#[tokio::test]
async fn a_topic_that_does_not_answer_fails_every_event() {
    let service = Service::answering(500, "");
    let results = SnsBus::new(service.sns(), TOPIC).publish(&events()).await;
    assert!(results.len() == 2 && results.iter().all(Result::is_err), "{results:?}");
}

#[tokio::test]
async fn e_mail_and_text_messages_go_their_ways() {
    let service = Service::answering(200, "{}");
    service.messenger().send(&message(Channel::Email, "ada@example.com")).await.unwrap();
    let asked: serde_json::Value = serde_json::from_str(&service.asked().concat()).unwrap();
    assert_eq!(asked["FromEmailAddress"], "orders@example.com");
    assert_eq!(asked["Destination"]["ToAddresses"][0], "ada@example.com");
    assert_eq!(asked["Content"]["Simple"]["Subject"]["Data"], "Your order — thank you");
    assert_eq!(asked["Content"]["Simple"]["Body"]["Text"]["Charset"], "UTF-8");

    let service = Service::answering(200, "<PublishResponse><PublishResult/></PublishResponse>");
    service.messenger().send(&message(Channel::Sms, "+491701234567")).await.unwrap();
    let asked = service.asked().concat();
    assert!(asked.contains("PhoneNumber=%2B491701234567"), "{asked}");
    assert!(asked.contains("AWS.SNS.SMS.SMSType") && asked.contains("StringValue=Transactional"), "{asked}");
}

#[tokio::test]
async fn what_a_service_says_about_a_recipient_stays_out_of_errors() {
    let refusal = "{\"__type\":\"BadRequestException\",\"message\":\"no address: ada@example.com\"}";
    let service = Service::answering(400, refusal);
    let error = service.messenger().send(&message(Channel::Email, "ada@example.com")).await.unwrap_err();
    assert_eq!(error, SendError::Permanent("SES refused: BadRequestException".into()));
    let service = Service::answering(503, "");
    let error = service.messenger().send(&message(Channel::Sms, "+491701234567")).await.unwrap_err();
    assert!(matches!(error, SendError::Transient(_)), "{error}");
}
