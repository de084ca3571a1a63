//! What functions are invoked with: messages of queues, records of streams, ticks of schedules, requests.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::folder::Folder;
use crate::shop::Shop;

/// A request that is repeated may find that it was carried out, and a webhook that it is old. It is understood all the same.
const NOT_UNDERSTOOD: [u64; 3] = [400, 415, 422];

#[tokio::test]
async fn whatever_invoked_a_function_before_is_understood_and_changes_nothing_a_second_time() {
    for folder in Folder::all().iter().filter(|folder| folder.path("state").is_dir()) {
        let shop = Shop::reopened(folder).await;
        let told = shop.told(None).await;
        for invocation in folder.values("invocations.jsonl") {
            let function = invocation["function"].as_str().unwrap();
            let (event, before) = (&invocation["event"], &invocation["answer"]);
            let answer = shop.cloud.invoke(function, event.clone()).await;
            let answer = answer.unwrap_or_else(|error| panic!("{function}: {error}: {event}"));
            match event["requestContext"]["http"]["method"].as_str() {
                Some("GET") => assert_eq!(answer["statusCode"], before["statusCode"], "{function}: {answer}"),
                Some(_) if event["headers"]["idempotency-key"].is_string() => {
                    assert_eq!(answer["statusCode"], before["statusCode"], "{function}: {answer}");
                }
                Some(_) => {
                    let status = answer["statusCode"].as_u64().unwrap();
                    assert!(status < 500 && !NOT_UNDERSTOOD.contains(&status), "{function}: {answer}");
                }
                None => assert_eq!(&answer, before, "{function}: {event}"),
            }
        }
        shop.passes(0).await;
        // What the requests led to is told; of what the messages tell, everybody knew.
        let now_told = shop.told(None).await;
        assert_eq!(now_told[..told.len()], told);
        let new: BTreeSet<&str> = now_told[told.len()..].iter().map(|told| told.split('.').next().unwrap()).collect();
        assert!(new.iter().all(|told| *told == "alert stock"), "{:?}", &now_told[told.len()..]);
        shop.cloud.stop().await;
    }
}

#[test]
fn every_function_that_is_invoked_by_a_message_has_one_of_every_kind_here() {
    let mut kinds = BTreeSet::new();
    for invocation in Folder::all().iter().flat_map(|folder| folder.values("invocations.jsonl")) {
        let function = invocation["function"].as_str().unwrap().to_owned();
        for record in invocation["event"]["Records"].as_array().into_iter().flatten() {
            let kind = &record["messageAttributes"]["type"]["stringValue"];
            kinds.insert((function.clone(), kind.as_str().unwrap_or("stream").to_owned()));
        }
        if invocation["event"]["Records"].is_null() && invocation["event"]["routeKey"].is_null() {
            kinds.insert((function, "schedule".to_owned()));
        }
    }
    let subscribed = subscriptions();
    let missing: Vec<_> = subscribed.difference(&kinds).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(subscribed.len() > 20, "{subscribed:?}");
}

/// Function and type of message, as the template subscribes them; and those behind a stream or a schedule.
fn subscriptions() -> BTreeSet<(String, String)> {
    crate::now::subscriptions()
}

#[test]
fn a_body_of_a_queue_is_the_public_event_to_the_byte() {
    for folder in Folder::all() {
        for invocation in folder.values("invocations.jsonl") {
            for record in invocation["event"]["Records"].as_array().into_iter().flatten() {
                let Some(body) = record["body"].as_str() else { continue };
                if serde_json::from_str::<Value>(body).is_ok() {
                    assert_eq!(crate::now::public_event_written_again(body), body);
                }
            }
        }
    }
}
