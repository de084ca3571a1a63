//! Kept means of payment: with the consent of their customer only, gone at once, forgotten in the end (E6).

use std::sync::Arc;

use oms_app::Error;
use oms_app::payments::delete_method::DeleteMethod;
use oms_app::payments::forget_methods::{ForgetMethods, Forgotten};
use oms_app::payments::gateways::Gateways;
use oms_app::payments::list_methods::ListMethods;
use oms_app::payments::payment_callback::Handled;
use oms_app::ports::{Clock as _, SavedMethod};
use oms_domain::ids::{MethodId, PaymentId};
use oms_domain::payments::{MethodToken, PaymentNotification, PaymentOutcome};
use oms_testkit::Fault;
use oms_testkit::builders::{admin, customer};
use oms_testkit::memory::GatewayFault;

use crate::shop::{Asked as _, Shop, a_payment};

async fn opened(shop: &Shop, keep_method: bool) -> PaymentId {
    let order = shop.a_pending_order(1).await;
    shop.pay.ask(a_payment(order.id).with(|wanted| wanted.keep_method = keep_method)).await.unwrap().payment_id
}

async fn kept(shop: &Shop) -> Vec<SavedMethod> {
    ListMethods::new(Arc::new(shop.store.clone())).run(&customer("ada"), "me").await.unwrap()
}

/// The provider says that it keeps this, whatever it was asked.
async fn told(shop: &Shop, payment_id: PaymentId, method: MethodToken) {
    let session = shop.stripe.sessions().into_iter().find(|session| session.payment_id == payment_id).unwrap();
    let outcome = PaymentOutcome::Succeeded { reference: "cap_1".into(), money: session.money, kept: Some(method) };
    let event_id = "evt_1".to_owned();
    let news = PaymentNotification { event_id, order_id: session.order_id, payment_id, outcome };
    let delivery = shop.stripe.webhook(&news, shop.clock.now());
    assert_eq!(shop.called_back(delivery).await, Ok(Handled::Applied));
}

fn a_method(label: &str) -> MethodToken {
    MethodToken { token: "pm_1".into(), label: label.into(), expires: None }
}

/// Ada has paid and let the shop keep what she paid with.
async fn a_kept_method(shop: &Shop) -> SavedMethod {
    let payment = opened(shop, true).await;
    let delivery = shop.stripe.pay(payment, shop.clock.now());
    assert_eq!(shop.called_back(delivery).await, Ok(Handled::Applied));
    kept(shop).await.remove(0)
}

async fn removed(shop: &Shop, id: MethodId) -> Result<(), Error> {
    let delete = DeleteMethod::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    delete.run(&customer("ada"), "me", id).await
}

async fn forget(shop: &Shop) -> Forgotten {
    let gateways = Gateways::new(vec![Arc::new(shop.stripe.clone())]);
    ForgetMethods::new(Arc::new(shop.store.clone()), gateways, Arc::new(shop.clock.clone())).run().await.unwrap()
}

#[tokio::test]
async fn what_the_customer_agreed_to_is_kept_with_the_time_of_it() {
    let shop = Shop::open();
    let method = a_kept_method(&shop).await;
    let (session, at) = (shop.stripe.sessions().remove(0), shop.clock.now());
    assert_eq!(session.keep_for.as_ref(), Some(customer("ada").user()));
    assert_eq!((method.provider.as_str(), method.consented_at), ("stripe", at));
}

#[tokio::test]
async fn what_nobody_agreed_to_is_not_kept_whatever_the_provider_says() {
    let shop = Shop::open();
    let payment = opened(&shop, false).await;
    told(&shop, payment, a_method("visa \u{2026}4242")).await;
    assert_eq!(kept(&shop).await, []);
}

#[tokio::test]
async fn a_label_like_a_card_s_number_is_not_kept() {
    // E7
    let shop = Shop::open();
    let payment = opened(&shop, true).await;
    told(&shop, payment, a_method("4242 4242 4242 4242")).await;
    assert_eq!(kept(&shop).await, []);
}

#[tokio::test]
async fn an_admin_does_not_agree_for_a_customer() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let request = a_payment(order.id).with(|wanted| wanted.keep_method = true).from(admin());
    assert!(matches!(shop.pay.ask(request).await, Err(Error::Invalid(_))));
    assert!(shop.store.order_now(order.id).ledger.payments.is_empty());
}

#[tokio::test]
async fn an_open_page_is_used_again_for_the_same_consent_only() {
    let shop = Shop::open();
    let order = shop.a_pending_order(1).await;
    let pay = async |keep_method| {
        shop.pay.ask(a_payment(order.id).with(|wanted| wanted.keep_method = keep_method)).await.unwrap().payment_id
    };
    let without = pay(false).await;
    let with = pay(true).await;
    assert_ne!(with, without);
    assert_eq!(pay(true).await, with);
    let keyed = a_payment(order.id).with(|wanted| wanted.keep_method = true).under("k", "b");
    assert_ne!(shop.pay.ask(keyed).await.unwrap().payment_id, with);
}

#[tokio::test]
async fn a_removed_one_is_gone_at_once_and_forgotten_until_the_provider_has_done_it() {
    let shop = Shop::open();
    let method = a_kept_method(&shop).await;
    shop.store.fail_next(Fault::Unavailable);
    assert!(removed(&shop, method.id).await.unwrap_err().is_transient());
    assert_eq!(removed(&shop, method.id).await, Ok(()));
    assert_eq!(removed(&shop, method.id).await, Err(Error::NotFound));
    assert_eq!(kept(&shop).await, []);
    for (fault, pause_minutes) in
        [(GatewayFault::Unavailable, 5), (GatewayFault::Refused, 15), (GatewayFault::LostAnswer, 60)]
    {
        shop.stripe.fail_next(fault);
        assert_eq!(forget(&shop).await, Forgotten { forgotten: 0, postponed: 1 });
        assert_eq!(forget(&shop).await, Forgotten::default(), "not before its time");
        shop.clock.advance_minutes(pause_minutes);
    }
    assert_eq!(forget(&shop).await, Forgotten { forgotten: 1, postponed: 0 });
    assert_eq!(forget(&shop).await, Forgotten::default());
    assert_eq!(shop.stripe.forgotten().last(), Some(&method.method.token));
}

#[tokio::test]
async fn one_that_is_kept_again_meanwhile_is_not_forgotten() {
    let shop = Shop::open();
    let first = opened(&shop, true).await;
    told(&shop, first, a_method("visa \u{2026}4242")).await;
    let method = kept(&shop).await.remove(0);
    removed(&shop, method.id).await.unwrap();
    shop.clock.advance_minutes(1);
    let second = opened(&shop, true).await;
    told(&shop, second, a_method("visa \u{2026}4242")).await;
    assert_eq!(forget(&shop).await, Forgotten { forgotten: 1, postponed: 0 });
    assert!(shop.stripe.forgotten().is_empty());
    assert_eq!(kept(&shop).await[0].id, method.id);
}

#[tokio::test]
async fn nobody_sees_or_removes_another_s() {
    let shop = Shop::open();
    let method = a_kept_method(&shop).await;
    let ada = customer("ada").user().to_string();
    let list = ListMethods::new(Arc::new(shop.store.clone()));
    assert!(matches!(list.run(&customer("bob"), &ada).await, Err(Error::Forbidden(_))));
    assert_eq!(list.run(&customer("bob"), "me").await, Ok(vec![]));
    assert_eq!(list.run(&admin(), &ada).await.unwrap().len(), 1);
    let delete = DeleteMethod::new(Arc::new(shop.store.clone()), Arc::new(shop.clock.clone()));
    assert_eq!(delete.run(&customer("bob"), "me", method.id).await, Err(Error::NotFound));
    assert!(matches!(delete.run(&customer("bob"), &ada, method.id).await, Err(Error::Forbidden(_))));
    assert_eq!(kept(&shop).await, [method]);
}

#[tokio::test]
async fn a_token_is_in_no_event_no_order_and_no_debug_text() {
    // E7
    let shop = Shop::open();
    let method = a_kept_method(&shop).await;
    let token = &method.method.token;
    let order = shop.store.all_orders().remove(0);
    let events = oms_app::ports::Orders::events(&shop.store, order.id).await.unwrap();
    assert!(events.iter().all(|event| !event.body.contains(token)));
    assert!(!serde_json::to_string(&order).unwrap().contains(token));
    assert!(!format!("{method:?} {order:?}").contains(token));
}
