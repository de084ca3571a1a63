//! Notes, tags and who looks after an order, over the ports (K1, K3, K6).

use std::sync::Arc;

use oms_app::Error;
use oms_app::execute::WritePath;
use oms_app::intent::Intent;
use oms_app::ordering::add_note::{AddNote, Noted};
use oms_app::ordering::assign_order::AssignOrder;
use oms_app::ordering::set_tags::SetTags;
use oms_app::ordering::view_notes::ViewNotes;
use oms_app::ports::Orders;
use oms_domain::actor::Caller;
use oms_domain::ids::OrderId;
use oms_domain::ordering::{NoteVisibility, Refusal};
use oms_testkit::Fault;
use oms_testkit::builders::{a_product, admin, customer, user};
use oms_testkit::fuse::{Fuse, Fused, until_killed};

use crate::shop::{REQUEST, Shop, a_cart, a_key};
use NoteVisibility::{Customer, Private};

struct Desk {
    shop: Shop,
    add: AddNote,
    view: ViewNotes,
    tags: SetTags,
    assign: AssignOrder,
}

impl Desk {
    /// Mugs of one seller and cups of another.
    fn open() -> Self {
        let shop = Shop::selling([a_product(1).build(), a_product(2).sold_by("contoso").build()]);
        let orders = Arc::new(shop.store.clone());
        let path = WritePath::new(orders.clone(), Arc::new(shop.clock.clone()));
        let (add, view) = (AddNote(path.clone()), ViewNotes(orders));
        Desk { shop, add, view, tags: SetTags(path.clone()), assign: AssignOrder(path) }
    }

    /// A paid order of both sellers, with a tag of the shop's.
    async fn order(&self) -> OrderId {
        let cart = a_cart([(1, 1), (2, 1)]).from(admin()).with(|cart| {
            cart.details.tags = vec!["gift".into()];
            cart.user_id = Some(user("ada"));
        });
        let order = self.shop.create(cart).await.unwrap().order;
        let opened = self.shop.pay(order.id).await.unwrap();
        let delivery = self.shop.stripe.pay(opened.payment_id, oms_app::ports::Clock::now(&self.shop.clock));
        self.shop.called_back(delivery).await.unwrap();
        order.id
    }

    async fn note(&self, id: OrderId, by: Caller, text: &str, visibility: NoteVisibility) -> Result<Noted, Error> {
        self.add.run(id, &Intent::by(by, REQUEST), text, visibility).await
    }

    async fn read_by(&self, id: OrderId, caller: &Caller) -> Vec<String> {
        let shown = self.view.run(caller, id).await.unwrap();
        let notes = shown.order.notes_for(caller);
        notes.map(|note| note.text.read(shown.person.as_ref()).unwrap_or("erased").to_owned()).collect()
    }

    async fn tagged(&self, id: OrderId, tags: &[&str]) -> Result<(u64, Vec<String>), Error> {
        self.tagged_by(id, &Intent::by(admin(), REQUEST), tags).await
    }

    async fn tagged_by(&self, id: OrderId, intent: &Intent, tags: &[&str]) -> Result<(u64, Vec<String>), Error> {
        let given: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let shown = self.tags.run(id, intent, &given).await?;
        let tags = shown.order.tags(shown.person.as_ref()).into_iter().map(ToOwned::to_owned).collect();
        Ok((shown.order.version, tags))
    }
}

fn of(seller: &str) -> Caller {
    Caller::Seller { user: "sam".parse().unwrap(), seller: seller.parse().unwrap() }
}

#[tokio::test]
async fn k3_everybody_reads_what_is_for_them_and_nobody_what_is_not() {
    let desk = Desk::open();
    let id = desk.order().await;
    desk.note(id, admin(), " Ada called, +49 170 1234567 ", Private).await.unwrap();
    desk.note(id, admin(), "yours leaves on Friday", Customer).await.unwrap();
    desk.note(id, of("seller-north"), "one mug is chipped", Private).await.unwrap();
    desk.note(id, of("contoso"), "the cup comes in a blue box", Customer).await.unwrap();
    let for_all = ["yours leaves on Friday", "the cup comes in a blue box"];
    assert_eq!(desk.read_by(id, &customer("ada")).await, for_all);
    assert_eq!(desk.read_by(id, &of("contoso")).await, for_all);
    assert_eq!(desk.read_by(id, &of("seller-north")).await, [for_all[0], "one mug is chipped", for_all[1]]);
    assert_eq!(desk.read_by(id, &admin()).await.len(), 4);
    assert_eq!(desk.read_by(id, &admin()).await[0], "Ada called, +49 170 1234567");
    for stranger in [customer("bob"), of("nobody-knows")] {
        assert_eq!(desk.view.run(&stranger, id).await, Err(Error::NotFound));
    }
    assert!(matches!(desk.note(id, customer("ada"), "hello", Customer).await, Err(Error::Forbidden(_))));
    assert_eq!(desk.note(id, of("nobody-knows"), "hello", Private).await, Err(Error::NotFound));
}

#[tokio::test]
async fn k3_the_words_are_in_no_event_and_go_with_the_person() {
    let desk = Desk::open();
    let id = desk.order().await;
    desk.note(id, admin(), "Ada is in hospital", Customer).await.unwrap();
    desk.tagged(id, &["hospital"]).await.unwrap();
    let state = serde_json::to_string(&desk.shop.store.order_now(id)).unwrap();
    let journal = format!("{:?}", desk.shop.store.journal_from(0));
    let told = serde_json::to_string(&desk.shop.events(id).await).unwrap();
    for stored in [&state, &journal, &told] {
        assert!(!stored.contains("hospital"), "{stored}");
    }
    assert!(journal.contains("OrderNoteAdded") && journal.contains("OrderTagsChanged"), "{journal}");
    desk.shop.store.erase_person(id);
    assert_eq!(desk.read_by(id, &admin()).await, ["erased"]);
    let refused = Error::Refused(Refusal::PersonErased);
    assert_eq!(desk.note(id, admin(), "to whom?", Private).await, Err(refused.clone()));
    assert_eq!(desk.tagged(id, &["late"]).await, Err(refused));
}

#[tokio::test]
async fn k3_a_note_is_written_once_under_its_key_and_told_again_after_the_person_is_gone() {
    let desk = Desk::open();
    let id = desk.order().await;
    let keyed = |request: &str| Intent::by(admin(), REQUEST).keyed(a_key("one", request));
    let first = desk.add.run(id, &keyed("a"), "once", Private).await.unwrap();
    assert_eq!(first.note.text.read(first.person.as_ref()), Some("once"));
    desk.note(id, admin(), "in between", Private).await.unwrap();
    let again = desk.add.run(id, &keyed("a"), "once", Private).await.unwrap();
    assert_eq!((&again.note, again.version), (&first.note, first.version + 1));
    assert_eq!(desk.read_by(id, &admin()).await, ["once", "in between"]);
    assert_eq!(desk.add.run(id, &keyed("b"), "twice", Private).await, Err(Error::IdempotencyMismatch));
    let stale = Intent::by(admin(), REQUEST).expecting(1);
    assert!(matches!(desk.add.run(id, &stale, "late", Private).await, Err(Error::VersionConflict { .. })));
    desk.shop.store.erase_person(id);
    assert_eq!(desk.add.run(id, &keyed("a"), "once", Private).await.unwrap().note, first.note);
}

#[tokio::test]
async fn k3_a_crash_at_any_moment_leaves_one_note_or_none_and_a_repeat_writes_it_once() {
    for step in 1..20 {
        let desk = Desk::open();
        let id = desk.order().await;
        let orders: Arc<dyn Orders> = Fused::new(Arc::new(desk.shop.store.clone()) as Arc<dyn Orders>, &Fuse::of(step));
        let add = AddNote(WritePath::new(orders, Arc::new(desk.shop.clock.clone())));
        let intent = Intent::by(admin(), REQUEST).keyed(a_key("one", "a"));
        let ended = until_killed(add.run(id, &intent, "once", Private));
        desk.add.run(id, &intent, "once", Private).await.unwrap();
        assert_eq!(desk.read_by(id, &admin()).await, ["once"], "killed at {step}");
        if ended.is_some() {
            return;
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn k3_an_acknowledgement_that_is_lost_is_no_second_note() {
    let desk = Desk::open();
    let id = desk.order().await;
    desk.shop.store.fail_next(Fault::LostAcknowledgement);
    let intent = Intent::by(admin(), REQUEST).keyed(a_key("one", "a"));
    let _ = desk.add.run(id, &intent, "once", Private).await;
    desk.add.run(id, &intent, "once", Private).await.unwrap();
    assert_eq!(desk.read_by(id, &admin()).await, ["once"]);
}

#[tokio::test]
async fn k1_tags_take_the_place_of_those_before_and_the_same_again_change_nothing() {
    let desk = Desk::open();
    let id = desk.order().await;
    let before = desk.shop.store.order_now(id).version;
    assert_eq!(desk.tagged(id, &["gift"]).await.unwrap(), (before, vec!["gift".into()]), "those of its creation");
    let (version, tags) = desk.tagged(id, &[" fragile ", "wholesale", "fragile"]).await.unwrap();
    assert_eq!((version, tags), (before + 1, vec!["fragile".into(), "wholesale".into()]));
    assert_eq!(desk.tagged(id, &["fragile", "wholesale"]).await.unwrap().0, before + 1);
    assert_eq!(desk.tagged(id, &[]).await.unwrap(), (before + 2, Vec::new()));
    assert_eq!(desk.tagged(id, &[]).await.unwrap().0, before + 2);
}

#[tokio::test]
async fn k1_tags_are_not_set_over_those_that_somebody_has_not_seen() {
    let desk = Desk::open();
    let id = desk.order().await;
    let seen = desk.shop.store.order_now(id).version;
    desk.tagged(id, &["wholesale"]).await.unwrap();
    let stale = Intent::by(admin(), REQUEST).expecting(seen);
    let refused = Err(Error::VersionConflict { current: seen + 1 });
    assert_eq!(desk.tagged_by(id, &stale, &["fragile"]).await, refused);
    assert_eq!(desk.tagged_by(id, &stale, &["wholesale"]).await, refused, "though they are the same");
    assert_eq!(desk.tagged_by(id, &stale.expecting(seen + 1), &["fragile"]).await.unwrap().0, seen + 2);
    for other in [customer("ada"), of("contoso")] {
        assert!(matches!(desk.tagged_by(id, &Intent::by(other, REQUEST), &["mine"]).await, Err(Error::Forbidden(_))));
    }
}

#[tokio::test]
async fn k1_what_is_written_about_an_order_stays_within_one_read() {
    let desk = Desk::open();
    let id = desk.order().await;
    let tags: Vec<String> = (0..20).map(|number| format!("{number:02}{}", "\u{1f4a1}".repeat(38))).collect();
    let mut refused = None;
    for number in 0..400 {
        let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        tags.rotate_left(number % 20);
        if let Err(error) = desk.tagged(id, &tags).await {
            refused = Some((number, error));
            break;
        }
    }
    let (changes, error) = refused.unwrap();
    println!("{changes} changes of the longest tags were kept");
    assert_eq!(error, Error::Refused(Refusal::HistoryFull));
    assert!(changes > 150, "{changes}");
    let stored = desk.shop.store.load(id).await.unwrap().unwrap();
    let words: usize = stored.person.unwrap().words.values().map(String::len).sum();
    assert!(words <= 500_000, "{words}");
}

#[tokio::test]
async fn k6_who_looks_after_an_order_is_on_record_with_who_said_so() {
    let desk = Desk::open();
    let id = desk.order().await;
    let by = |caller: Caller| Intent::by(caller, REQUEST);
    let grace = Some("grace".parse().unwrap());
    let seen = desk.assign.run(id, &by(admin()), grace.clone()).await.unwrap().order;
    assert_eq!(seen.assigned_to, grace);
    assert_eq!(desk.assign.run(id, &by(admin()), grace.clone()).await.unwrap().order.version, seen.version);
    let nobody = desk.assign.run(id, &by(admin()).expecting(seen.version), None).await.unwrap().order;
    assert_eq!(nobody.assigned_to, None);
    assert!(matches!(
        desk.assign.run(id, &by(admin()).expecting(seen.version), grace.clone()).await,
        Err(Error::VersionConflict { .. })
    ));
    assert!(matches!(desk.assign.run(id, &by(customer("ada")), grace).await, Err(Error::Forbidden(_))));
    let told: Vec<_> = desk.shop.events(id).await.into_iter().filter(|event| event.kind.contains("assignee")).collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|event| event.data.actor == admin().actor()));
}
