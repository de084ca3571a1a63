//! Publishing: filter policies and fan-out.

use serde_json::{Map, Value, json};

use super::{Attribute, Context, Message, MessagingError, new_id, queue};
use crate::template::{Subscription, Topic, topic_arn};

/// The message's id, and the queues that it reached.
pub(super) fn publish(
    context: &Context<'_>,
    topic: &Topic,
    message: &Message,
) -> Result<(String, Vec<String>), MessagingError> {
    let id = new_id();
    if let Some(first) = context.repeat_of(&format!("topic {}", topic.name), topic.order, message, &id)? {
        return Ok((first, Vec::new()));
    }
    let mut reached = Vec::new();
    for subscription in context.template.subscriptions.iter().filter(|subscription| subscription.topic == topic.name) {
        if !wants(subscription, message) {
            continue;
        }
        let Some(queue) = context.template.queue(&subscription.queue) else {
            return Err(MessagingError::NoQueue(subscription.queue.clone()));
        };
        let delivery = if subscription.raw { message.clone() } else { enveloped(context, topic, message, &id) };
        queue::send(context, queue, &delivery)?;
        reached.push(queue.name.clone());
    }
    Ok((id, reached))
}

fn wants(subscription: &Subscription, message: &Message) -> bool {
    let Some(filter) = &subscription.filter else {
        return true;
    };
    if filter.on_body {
        // SNS drops a body that is no JSON when a policy wants to read it.
        return serde_json::from_str(&message.body).is_ok_and(|body| filter.pattern.matches(&body));
    }
    let attributes: Map<_, _> =
        message.attributes.iter().map(|(name, value)| (name.clone(), comparable(value))).collect();
    filter.pattern.matches(&attributes.into())
}

/// What a filter policy compares with: numbers and arrays are read from their text.
fn comparable(attribute: &Attribute) -> Value {
    let text = || Value::String(attribute.value.clone());
    match attribute.data_type.as_str() {
        "Number" | "String.Array" => serde_json::from_str(&attribute.value).unwrap_or_else(|_| text()),
        _ => text(),
    }
}

/// The JSON that a queue gets from SNS without raw delivery.
fn enveloped(context: &Context<'_>, topic: &Topic, message: &Message, id: &str) -> Message {
    let attributes: Map<_, _> = message
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), json!({"Type": attribute.data_type, "Value": attribute.value})))
        .collect();
    let timestamp = jiff::Timestamp::from_millisecond(context.now_ms).unwrap_or_default();
    let envelope = json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": topic_arn(&topic.name),
        "Message": message.body,
        "Timestamp": format!("{timestamp:.3}"),
        "MessageAttributes": attributes,
    });
    Message { body: envelope.to_string(), attributes: std::collections::BTreeMap::new(), ..message.clone() }
}
