//! The bare calls of the SDK that a function makes, and nothing around them.
//!
//! Each line on stdin is a list of sequences of calls, as they were seen on the wire. They are turned into the SDK's own
//! inputs, then sent one after the other while the clock runs; the line on stdout says how long each sequence took and
//! what processor time all of them took. With `--function` it is a Lambda function that has opened its connection to the
//! store and does nothing else: what the SDK adds to a start.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

enum Call {
    Query(Box<QueryFluentBuilder>),
    Transaction(Box<TransactWriteItemsFluentBuilder>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::new(&aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await);
    if std::env::args().any(|argument| argument == "--function") {
        let nothing = || AttributeValue::S("-".to_owned());
        // The answer does not matter: the connection is open then.
        let _ = client.get_item().table_name("orders").key("pk", nothing()).key("sk", nothing()).send().await;
        let service = service_fn(|_: LambdaEvent<Value>| async { Ok::<_, Error>(json!({ "statusCode": 204 })) });
        return lambda_runtime::run(service).await;
    }
    for line in std::io::stdin().lock().lines() {
        let sequences: Vec<Vec<Value>> = serde_json::from_str(&line?)?;
        let sequences = sequences.iter().map(|calls| calls.iter().map(|call| prepared(&client, call)).collect());
        let sequences: Vec<Vec<Call>> = sequences.collect::<Result<_, Error>>()?;
        let answer = timed(sequences).await?;
        writeln!(std::io::stdout(), "{answer}")?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
fn now() -> Instant {
    Instant::now()
}

/// Nanoseconds that this thread has been on a processor.
fn cpu_nanos() -> Result<u64, Error> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().unwrap_or_default().parse()?)
}

async fn timed(sequences: Vec<Vec<Call>>) -> Result<Value, Error> {
    let mut nanos = Vec::with_capacity(sequences.len());
    let before = cpu_nanos()?;
    for calls in sequences {
        let began = now();
        for call in calls {
            match call {
                Call::Query(call) => drop(call.send().await?),
                Call::Transaction(call) => drop(call.send().await?),
            }
        }
        nanos.push(u64::try_from(began.elapsed().as_nanos())?);
    }
    Ok(json!({ "nanos": nanos, "cpu_nanos": cpu_nanos()?.saturating_sub(before) }))
}

fn prepared(client: &Client, call: &Value) -> Result<Call, Error> {
    let body = &call["body"];
    match call["operation"].as_str() {
        Some("Query") => Ok(Call::Query(Box::new(query(client, body)))),
        Some("TransactWriteItems") => {
            let items = body["TransactItems"].as_array().into_iter().flatten();
            let items = items.map(transacted).collect::<Result<Vec<_>, Error>>()?;
            Ok(Call::Transaction(Box::new(client.transact_write_items().set_transact_items(Some(items)))))
        }
        other => Err(format!("the bare binary does not know the call {other:?}").into()),
    }
}

fn query(client: &Client, body: &Value) -> QueryFluentBuilder {
    let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
    client
        .query()
        .set_table_name(text("TableName"))
        .set_index_name(text("IndexName"))
        .set_key_condition_expression(text("KeyConditionExpression"))
        .set_filter_expression(text("FilterExpression"))
        .set_projection_expression(text("ProjectionExpression"))
        .set_expression_attribute_names(names(body))
        .set_expression_attribute_values(values(body))
        .set_consistent_read(body["ConsistentRead"].as_bool())
        .set_scan_index_forward(body["ScanIndexForward"].as_bool())
        .set_limit(body["Limit"].as_i64().and_then(|limit| i32::try_from(limit).ok()))
}

fn transacted(item: &Value) -> Result<TransactWriteItem, Error> {
    let (kind, part) =
        item.as_object().and_then(|parts| parts.iter().next()).ok_or("an empty part of a transaction")?;
    let text = |name: &str| part[name].as_str().map(ToOwned::to_owned);
    let told = text("ReturnValuesOnConditionCheckFailure")
        .map(|told| ReturnValuesOnConditionCheckFailure::from(told.as_str()));
    let whole = TransactWriteItem::builder();
    Ok(match kind.as_str() {
        "Put" => whole.put(
            Put::builder()
                .set_table_name(text("TableName"))
                .set_item(item_of(&part["Item"]))
                .set_condition_expression(text("ConditionExpression"))
                .set_expression_attribute_names(names(part))
                .set_expression_attribute_values(values(part))
                .set_return_values_on_condition_check_failure(told)
                .build()?,
        ),
        "Update" => whole.update(
            Update::builder()
                .set_table_name(text("TableName"))
                .set_key(item_of(&part["Key"]))
                .set_update_expression(text("UpdateExpression"))
                .set_condition_expression(text("ConditionExpression"))
                .set_expression_attribute_names(names(part))
                .set_expression_attribute_values(values(part))
                .set_return_values_on_condition_check_failure(told)
                .build()?,
        ),
        "ConditionCheck" => whole.condition_check(
            ConditionCheck::builder()
                .set_table_name(text("TableName"))
                .set_key(item_of(&part["Key"]))
                .set_condition_expression(text("ConditionExpression"))
                .set_expression_attribute_names(names(part))
                .set_expression_attribute_values(values(part))
                .set_return_values_on_condition_check_failure(told)
                .build()?,
        ),
        other => return Err(format!("the bare binary does not know the part {other}").into()),
    }
    .build())
}

fn names(part: &Value) -> Option<HashMap<String, String>> {
    let names = part["ExpressionAttributeNames"].as_object()?;
    Some(names.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect())
}

fn values(part: &Value) -> Option<HashMap<String, AttributeValue>> {
    item_of(&part["ExpressionAttributeValues"])
}

fn item_of(value: &Value) -> Option<HashMap<String, AttributeValue>> {
    Some(value.as_object()?.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
}

fn attribute(value: &Value) -> AttributeValue {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Some((kind, inner)) = value.as_object().and_then(|kinds| kinds.iter().next()) else {
        return AttributeValue::Null(true);
    };
    match kind.as_str() {
        "S" => AttributeValue::S(text(inner)),
        "N" => AttributeValue::N(text(inner)),
        "BOOL" => AttributeValue::Bool(inner.as_bool().unwrap_or_default()),
        "L" => AttributeValue::L(inner.as_array().into_iter().flatten().map(attribute).collect()),
        "M" => AttributeValue::M(item_of(inner).unwrap_or_default()),
        "SS" => AttributeValue::Ss(inner.as_array().into_iter().flatten().map(text).collect()),
        _ => AttributeValue::Null(true),
    }
}
