//! Topic, text messages, e-mail and secrets, as far as the functions call them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::requests::WEBHOOK_SECRET;
use crate::{Fail, clock};

/// Most messages that SNS takes at once.
const MAX_BATCH: u32 = 10;

/// Something that came in.
#[derive(Debug)]
pub(crate) enum News {
    /// A message was published to the topic.
    Published(Message),
    /// A customer was written to; the whole request.
    Sent { text: String, at: Instant },
}

/// A message of the topic.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The event's JSON.
    pub(crate) body: String,
    /// Its attribute `type`, which queues filter by.
    pub(crate) kind: String,
    /// The order it is about.
    pub(crate) group: String,
    pub(crate) at: Instant,
}

/// The address of all of them, and what comes in.
pub(crate) struct Services {
    pub(crate) endpoint: String,
    pub(crate) news: mpsc::UnboundedReceiver<News>,
}

impl Services {
    /// Opens an address.
    pub(crate) async fn start() -> Result<Services, Fail> {
        let (sender, news) = mpsc::unbounded_channel();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let routes = Router::new().fallback(answer).with_state(Arc::new(sender));
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Services { endpoint, news })
    }
}

async fn answer(
    State(news): State<Arc<mpsc::UnboundedSender<News>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    // Nobody listens where nothing is sent on purpose.
    let tell = |what: News| drop(news.send(what));
    if target.ends_with("GetSecretValue") {
        let secret = json!({ "secret_key": "sk_test_bench", "webhook_secrets": [WEBHOOK_SECRET] }).to_string();
        let answer = json!({ "ARN": "arn:bench", "Name": "bench", "SecretString": secret });
        return ([("content-type", "application/x-amz-json-1.1")], answer.to_string()).into_response();
    }
    if uri.path().starts_with("/v2/email") {
        tell(News::Sent { text, at: clock::now() });
        return ([("content-type", "application/json")], json!({ "MessageId": "bench" }).to_string()).into_response();
    }
    let fields: HashMap<String, String> = serde_urlencoded::from_bytes(&body).unwrap_or_default();
    let action = fields.get("Action").cloned().unwrap_or_default();
    if action == "PublishBatch" {
        for message in published(&fields) {
            tell(News::Published(message));
        }
    } else {
        tell(News::Sent { text: fields.get("Message").cloned().unwrap_or_default(), at: clock::now() });
    }
    let result = match action.as_str() {
        "PublishBatch" => "<Successful/><Failed/>",
        _ => "<MessageId>bench</MessageId>",
    };
    let answer = format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></{action}Response>"
    );
    ([("content-type", "text/xml")], answer).into_response()
}

/// The entries of a batch, which are numbered from 1.
fn published(fields: &HashMap<String, String>) -> Vec<Message> {
    let at = clock::now();
    let field = |number: u32, name: &str| {
        fields.get(&format!("PublishBatchRequestEntries.member.{number}.{name}")).cloned().unwrap_or_default()
    };
    let message = |number| Message {
        body: field(number, "Message"),
        kind: field(number, "MessageAttributes.entry.1.Value.StringValue"),
        group: field(number, "MessageGroupId"),
        at,
    };
    (1..=MAX_BATCH).map(message).take_while(|message| !message.body.is_empty()).collect()
}

/// A batch of messages as a queue hands it to a function.
pub(crate) fn queue_event(messages: &[Message]) -> Bytes {
    let record = |(number, message): (usize, &Message)| {
        json!({
            "messageId": format!("11d6ee51-4cc7-4302-9e22-{number:012}"), "receiptHandle": "bench",
            "body": message.body, "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
            "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:notify.fifo", "md5OfBody": "",
            "attributes": { "MessageGroupId": message.group, "ApproximateReceiveCount": "1" },
            "messageAttributes": { "type": { "stringValue": message.kind, "dataType": "String",
                                             "stringListValues": [], "binaryListValues": [] } },
        })
    };
    let records: Vec<Value> = messages.iter().enumerate().map(record).collect();
    Bytes::from(json!({ "Records": records }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_a_batch_is_read() {
        let entry = |number: u32, name: &str, value: &str| {
            (format!("PublishBatchRequestEntries.member.{number}.{name}"), value.to_owned())
        };
        let fields = HashMap::from([
            entry(1, "Message", "one"),
            entry(1, "MessageGroupId", "order"),
            entry(1, "MessageAttributes.entry.1.Value.StringValue", "order.created"),
            entry(2, "Message", "two"),
        ]);
        let messages = published(&fields);
        assert_eq!(messages.len(), 2);
        assert_eq!((messages[0].group.as_str(), messages[0].kind.as_str()), ("order", "order.created"));
    }
}
