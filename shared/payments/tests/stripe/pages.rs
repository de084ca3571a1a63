//! Checkout pages (E1, E2, E6).

use oms_app::ports::{GatewayError, PaymentGateway as _, SessionRef, SessionState};
use oms_domain::payments::{MethodToken, PaymentOutcome};
use oms_fakes::stripe::{Fault, Operation};

use crate::bench::{Bench, RETURN_URL, failed, ids, money, reference};

#[tokio::test]
async fn a_page_asks_for_the_order_s_total_under_our_names() {
    let bench = Bench::new().await;
    let request = bench.wanted(1, "44.70 EUR");
    let session = bench.gateway.open(&request).await.unwrap();

    let page = bench.stripe.page_of(&request.payment_id.to_string()).unwrap();
    assert_eq!((session.reference, session.redirect_url), (page.id, page.url));
    let log = bench.stripe.log();
    assert_eq!(log[0].idempotency_key, Some(format!("open-{}", request.payment_id)));
    let sent = |name: &str| log[0].parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
    let ends = request.requested_at.as_second() + 2 * 60 * 60;
    for (name, value) in [
        ("mode", "payment"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "4470"),
        ("success_url", RETURN_URL),
        ("cancel_url", RETURN_URL),
        ("expires_at", &ends.to_string()),
        ("client_reference_id", &request.order_id.to_string()),
        ("metadata[order_id]", &request.order_id.to_string()),
        ("metadata[payment_id]", &request.payment_id.to_string()),
        ("payment_intent_data[metadata][order_id]", &request.order_id.to_string()),
        ("payment_intent_data[metadata][payment_id]", &request.payment_id.to_string()),
    ] {
        assert_eq!(sent(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(sent("payment_intent_data[setup_future_usage]"), None);
}

#[tokio::test]
async fn p1_a_call_says_on_whose_behalf_it_is_made() {
    let bench = Bench::new().await;
    let request = bench.wanted(1, "44.70 EUR");
    oms_app::platform::correlation::on_behalf_of("request-7", bench.gateway.open(&request)).await.unwrap();
    bench.gateway.open(&request).await.unwrap();
    let told: Vec<Option<String>> = bench.stripe.log().into_iter().map(|call| call.correlation_id).collect();
    assert_eq!(told, [Some("request-7".to_owned()), None]);
}

#[tokio::test]
async fn currencies_without_cents_are_asked_for_in_their_own_coins() {
    let bench = Bench::new().await;
    for (number, text, captured) in [(1, "1200 JPY", 1_200), (2, "12.500 KWD", 12_500), (3, "700 ISK", 70_000)] {
        let (page, _) = bench.paid(number, text).await;
        assert_eq!(bench.stripe.ledger()[&page.order_id.to_string()].captured, captured);
        let SessionState::Over(PaymentOutcome::Succeeded { money, .. }) = bench.gateway.look_up(&page).await.unwrap()
        else {
            panic!("not paid");
        };
        assert_eq!(money, self::money(text));
    }
    let refused = bench.gateway.open(&bench.wanted(4, "12.505 KWD")).await;
    assert!(matches!(refused, Err(GatewayError::Declined(_))), "{refused:?}");
}

#[tokio::test]
async fn an_attempt_that_is_opened_again_is_the_same_page() {
    let bench = Bench::new().await;
    let request = bench.wanted(1, "44.70 EUR");
    let first = bench.gateway.open(&request).await.unwrap();
    bench.advance_minutes(29);
    assert_eq!(bench.gateway.open(&request).await.unwrap(), first);

    let mut elsewhere = request.clone();
    elsewhere.return_url = Some("https://shop.example.test/thanks".to_owned());
    assert_eq!(bench.gateway.open(&elsewhere).await.unwrap(), first);
    assert_eq!(bench.stripe.pages().len(), 1);
}

#[tokio::test]
async fn an_attempt_is_still_opened_at_the_end_of_its_hold() {
    let bench = Bench::new().await;
    let request = bench.wanted(1, "44.70 EUR");
    bench.advance_minutes(30);
    bench.gateway.open(&request).await.unwrap();
}

#[tokio::test]
async fn a_page_is_open_until_it_is_paid_on() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "44.70 EUR")).await;
    assert_eq!(bench.gateway.look_up(&page).await.unwrap(), SessionState::Open);
    bench.stripe.decline(&page.session, "insufficient_funds").unwrap();
    assert_eq!(bench.gateway.look_up(&page).await.unwrap(), SessionState::Open);
    bench.stripe.pay(&page.session).unwrap();
    let told = bench.gateway.look_up(&page).await.unwrap();
    let reference = reference(&told);
    assert!(reference.starts_with("pi_"), "{reference}");
    assert_eq!(
        told,
        SessionState::Over(PaymentOutcome::Succeeded { reference, money: money("44.70 EUR"), kept: None })
    );
    assert_eq!(bench.gateway.capture(&page).await.unwrap(), told);
}

#[tokio::test]
async fn money_that_takes_days_is_awaited() {
    let bench = Bench::new().await;
    let (comes, stays) =
        (bench.open(&bench.wanted(1, "5.00 EUR")).await, bench.open(&bench.wanted(2, "5.00 EUR")).await);
    for page in [&comes, &stays] {
        bench.stripe.pay_later(&page.session).unwrap();
        assert_eq!(bench.gateway.look_up(page).await.unwrap(), SessionState::Processing);
        assert_eq!(bench.gateway.close(page).await.unwrap(), SessionState::Processing);
    }
    bench.stripe.settle(&comes.session, true).unwrap();
    bench.stripe.settle(&stays.session, false).unwrap();
    reference(&bench.gateway.look_up(&comes).await.unwrap());
    let told = bench.gateway.look_up(&stays).await.unwrap();
    assert_eq!(told, SessionState::Over(failed("insufficient_funds")));
}

#[tokio::test]
async fn a_page_that_nobody_paid_on_ends_by_itself() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "5.00 EUR")).await;
    bench.advance_minutes(121);
    assert_eq!(bench.gateway.look_up(&page).await.unwrap(), SessionState::Over(failed("expired")));
}

#[tokio::test]
async fn a_closed_page_takes_no_money_and_closing_tells_what_is_true() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "5.00 EUR")).await;
    for _ in 0..2 {
        assert_eq!(bench.gateway.close(&page).await.unwrap(), SessionState::Over(failed("expired")));
    }
    assert!(bench.stripe.pay(&page.session).is_err());

    let (paid, reference) = bench.paid(2, "7.00 EUR").await;
    assert_eq!(crate::bench::reference(&bench.gateway.close(&paid).await.unwrap()), reference);
}

#[tokio::test]
async fn a_close_whose_answer_is_lost_is_closed() {
    let bench = Bench::new().await;
    let page = bench.open(&bench.wanted(1, "5.00 EUR")).await;
    bench.stripe.fail_next(Some(Operation::CloseSession), Fault::LostAnswer);
    assert!(matches!(bench.gateway.close(&page).await, Err(GatewayError::Unavailable(_))));
    assert_eq!(bench.gateway.close(&page).await.unwrap(), SessionState::Over(failed("expired")));
}

#[tokio::test]
async fn another_attempt_s_page_is_not_believed() {
    let bench = Bench::new().await;
    let (paid, _) = bench.paid(1, "5.00 EUR").await;
    let (order_id, payment_id) = ids(2);
    let mixed_up = SessionRef { order_id, payment_id, session: paid.session };
    assert!(matches!(bench.gateway.look_up(&mixed_up).await, Err(GatewayError::Declined(_))));
}

#[tokio::test]
async fn a_name_that_stripe_did_not_give_leads_nowhere() {
    let bench = Bench::new().await;
    let (order_id, payment_id) = ids(1);
    for session in ["", "../refunds", "cs_1/expire", "cs_1?expand[]=x", "cs_1#", "cs 1", "cs_%2e"] {
        let page = SessionRef { order_id, payment_id, session: session.to_owned() };
        assert!(matches!(bench.gateway.look_up(&page).await, Err(GatewayError::Declined(_))), "{session}");
        assert!(matches!(bench.gateway.close(&page).await, Err(GatewayError::Declined(_))), "{session}");
        assert!(matches!(bench.gateway.forget(session).await, Err(GatewayError::Declined(_))), "{session}");
    }
    assert!(bench.stripe.log().is_empty());
}

#[tokio::test]
async fn a_means_of_payment_is_kept_with_consent_only_and_forgotten_on_request() {
    let bench = Bench::new().await;
    let mut request = bench.wanted(1, "5.00 EUR");
    request.keep_for = Some("customer-1".parse().unwrap());
    let page = bench.open(&request).await;
    bench.stripe.pay(&page.session).unwrap();
    let SessionState::Over(PaymentOutcome::Succeeded { kept: Some(kept), .. }) =
        bench.gateway.look_up(&page).await.unwrap()
    else {
        panic!("nothing was kept");
    };
    let MethodToken { token, label, expires } = kept;
    assert_eq!((label.as_str(), expires.as_deref()), ("visa …4242", Some("2031-08")));
    for _ in 0..2 {
        bench.gateway.forget(&token).await.unwrap();
    }
    // A day later Stripe has forgotten the first request, and refuses to detach what belongs to nobody.
    bench.advance_minutes(25 * 60);
    bench.gateway.forget(&token).await.unwrap();
    bench.gateway.forget("pm_unknown").await.unwrap();
}

#[tokio::test]
async fn p2_delayed_methods_are_excluded_unless_the_shop_wants_them() {
    let bench = Bench::new().await;
    bench.gateway.open(&bench.wanted(1, "44.70 EUR")).await.unwrap();
    let excluded = |parameters: &[(String, String)]| {
        let of_list = |(name, _): &&(String, String)| name.starts_with("excluded_payment_method_types[");
        parameters.iter().filter(of_list).map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let methods = excluded(&bench.stripe.log()[0].parameters);
    for delayed in ["sepa_debit", "us_bank_account", "customer_balance", "boleto", "oxxo", "konbini", "multibanco"] {
        assert!(methods.iter().any(|method| method == delayed), "{delayed}: {methods:?}");
    }
    assert!(!methods.iter().any(|method| method == "card"));
}
