//! Rates and labels of DHL Express, which are never void.

use oms_app::ports::{Carrier as _, Recovered, Tracker as _, Voided};
use oms_fakes::dhl::{ACCOUNT, Fault, LABEL, Operation};
use serde_json::json;

use crate::bench::Bench;
use crate::story::{REFERENCE, ada, label, question, question_of_a_stranger, road};

/// Express Worldwide.
const SERVICE: &str = "U";

#[tokio::test]
async fn a_label_is_bought_under_our_reference() {
    let bench = Bench::new().await;
    let bought = bench.bought(SERVICE, 1).await;
    assert_eq!(
        (bought.documents.len(), bought.documents[0].bytes.as_slice()),
        (1, LABEL),
        "and not the papers beside it"
    );
    assert_eq!(bought.tracking_numbers, [bought.reference], "what customers are told");
    assert_eq!(bought.cost.unwrap().to_string(), "41.30 EUR");
    let asked = &bench.fake.seen(Operation::Buy)[0];
    assert_eq!(
        (asked.headers["x-version"].is_empty(), asked.headers["message-reference"].as_str()),
        (false, REFERENCE)
    );
    let content = &asked.body["content"];
    assert_eq!(content["packages"][0]["weight"].to_string(), "1.251");
    assert_eq!((content["incoterm"].as_str(), content["isCustomsDeclarable"].as_bool()), (Some("DAP"), Some(false)));
    assert_eq!(bench.bought(SERVICE, 2).await.tracking_numbers.len(), 2, "a number for each of several parcels");
}

#[tokio::test]
async fn rates_are_in_the_currency_that_we_are_billed_in_and_never_zero() {
    let bench = Bench::new().await;
    let rates = bench.dhl.rates(&question()).await.unwrap();
    let told: Vec<String> = rates
        .iter()
        .map(|rate| format!("{} {} {} {:?}", rate.service, rate.name, rate.cost, rate.estimated_delivery))
        .collect();
    assert_eq!(told, ["U EXPRESS WORLDWIDE 41.30 EUR Some(2026-01-07)"]);
    assert_eq!(bench.dhl.rates(&question_of_a_stranger()).await, Ok(rates));
    bench.fake.script(Operation::Rates, [Fault::Refuses(404, "996"), Fault::Refuses(400, "1001"), Fault::LosesAnswer]);
    assert_eq!(bench.dhl.rates(&question()).await, Ok(Vec::new()), "where it does not go");
    assert_eq!(road(&bench.dhl.rates(&question()).await), "refused: request");
    assert_eq!(road(&bench.dhl.rates(&question()).await), "unavailable");
}

#[tokio::test]
async fn a_label_is_never_void_and_nobody_is_asked() {
    let bench = Bench::new().await;
    let bought = bench.bought(SERVICE, 1).await;
    let voided = bench.dhl.void_label(&bought.reference, &bought.tracking_numbers).await;
    assert!(matches!(&voided, Ok(Voided::Refused(why)) if why.contains("not charged")), "{voided:?}");
    assert_eq!(bench.fake.seen(Operation::Void), []);
}

#[tokio::test]
async fn a_lost_label_is_known_again_once_tracking_shows_it() {
    let bench = Bench::impatient().await;
    assert!(bench.dhl.capabilities().recovers);
    for count in [1, 2] {
        let mut request = label(SERVICE, count);
        request.label_id = oms_domain::ids::LabelId::new(uuid::Uuid::from_u128(count as u128));
        assert_eq!(bench.dhl.recover_label(&request).await, Ok(Recovered::CannotTell), "nothing found says nothing");
        bench.fake.script(Operation::Buy, [Fault::NeverAnswers]);
        assert_eq!(road(&bench.dhl.buy_label(&request).await), "unknown");
        let Ok(Recovered::Bought(found)) = bench.dhl.recover_label(&request).await else { panic!("not found") };
        assert_eq!((found.tracking_numbers.len(), found.documents.len()), (count, 0), "it is not handed out twice");
        assert!(bench.fake.paid().iter().any(|label| label.name == found.reference));
    }
    let asked = &bench.fake.seen(Operation::Recover)[0].path;
    assert!(asked.contains(&format!("shipperAccountNumber={ACCOUNT}")), "{asked}");
    let two = json!({"shipments": [{"shipmentTrackingNumber": "1"}, {"shipmentTrackingNumber": "2"}]});
    bench.fake.script(Operation::Recover, [Fault::Says(two), Fault::Says(json!({})), Fault::LosesAnswer]);
    assert_eq!(bench.dhl.recover_label(&label(SERVICE, 1)).await, Ok(Recovered::CannotTell));
    assert_eq!(bench.dhl.recover_label(&label(SERVICE, 1)).await, Ok(Recovered::CannotTell));
    assert_eq!(road(&bench.dhl.recover_label(&label(SERVICE, 1)).await), "unavailable");
}

#[tokio::test]
async fn a_service_that_is_not_the_shop_s_is_refused_before_anything_is_asked() {
    let bench = Bench::with(|config| config.express = None).await;
    for service in ["U", "V53WPAK", "", "express"] {
        assert_eq!(road(&bench.dhl.buy_label(&label(service, 1)).await), "refused: request", "{service}");
    }
    let bench = Bench::new().await;
    let mut silent = label(SERVICE, 1);
    silent.from.phone = None;
    assert_eq!(road(&bench.dhl.buy_label(&silent).await), "refused: request");
    silent.to = oms_app::ports::Party { phone: Some("+49301234567".into()), ..ada() };
    bench.dhl.buy_label(&silent).await.unwrap();
}
