//! Notes, tags and who looks after an order (K1, K3, K6).

use oms_domain::actor::Caller;
use oms_domain::ordering::address::{Address, Contact, Details, Person};
use oms_domain::ordering::{
    Command, Decision, MAX_NOTES, MAX_NOTES_OF_SELLERS, NewNote, NoteVisibility, Order, Refusal, Status, Words,
};

use crate::support::{Story, USER, assign, note, set_tags};

fn written(visibility: NoteVisibility, seller: Option<&str>) -> Command {
    let seller_id = seller.map(|seller| seller.parse().unwrap());
    Command::AddNote(NewNote { text: "call before noon".into(), visibility, seller_id })
}

fn seller(name: &str) -> Caller {
    Caller::Seller { user: "sam".parse().unwrap(), seller: name.parse().unwrap() }
}

/// A person record with the tags of the order's creation, and what was written later.
fn person(tags: &[&str], words: &[(u64, &str)]) -> Person {
    let contact = Contact { name: "Ada".into(), email: "ada@example.com".into(), phone: None }.checked().unwrap();
    let address = Address {
        recipient_name: "Ada".into(),
        street_address: "Unter den Linden 1".into(),
        city: "Berlin".into(),
        postal_code: Some("10117".into()),
        country: "DE".into(),
        ..Address::default()
    };
    let address = address.checked().unwrap();
    Person {
        contact,
        shipping_address: address.clone(),
        billing_address: address,
        details: Details { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..Details::default() },
        words: words.iter().map(|(version, text)| (*version, (*text).to_owned())).collect(),
    }
}

#[test]
fn k3_a_note_is_read_by_those_for_whom_it_is() {
    use NoteVisibility::{Customer, Private};
    let story = Story::at(Status::Confirmed)
        .given(written(Private, None))
        .given(written(Customer, None))
        .given(written(Private, Some("northwind-books")))
        .given(written(Customer, Some("northwind-books")))
        .given(written(Private, Some("southwind")));
    assert_eq!(story.replayed(), story.order);
    let first = story.order.version - 4;
    let read_by = |caller: &Caller| -> Vec<u64> {
        let ids = story.order.notes_for(caller).map(|note| note.id.strip_prefix('n').unwrap().parse::<u64>().unwrap());
        ids.map(|version| version - first).collect()
    };
    assert_eq!(read_by(&Caller::Admin("grace".parse().unwrap())), [0, 1, 2, 3, 4]);
    assert_eq!(read_by(&Caller::Customer(USER.parse().unwrap())), [1, 3]);
    assert_eq!(read_by(&seller("northwind-books")), [1, 2, 3]);
    assert_eq!(read_by(&seller("southwind")), [1, 3, 4]);
}

#[test]
fn k3_an_order_takes_so_many_notes_and_sellers_leave_room_for_the_shop() {
    let of_seller = || written(NoteVisibility::Private, Some("northwind-books"));
    let mut story = Story::at(Status::Delivered);
    for _ in 0..MAX_NOTES_OF_SELLERS {
        story = story.given(of_seller());
    }
    assert_eq!(story.when(of_seller()), Err(Refusal::TooManyNotes(MAX_NOTES_OF_SELLERS)));
    for _ in MAX_NOTES_OF_SELLERS..MAX_NOTES {
        story = story.given(note());
    }
    assert_eq!(story.when(note()), Err(Refusal::TooManyNotes(MAX_NOTES)));
    let state = serde_json::to_string(&story.order).unwrap();
    let without = serde_json::to_string(&Order { notes: Vec::new(), ..story.order.clone() }).unwrap();
    let notes = state.len() - without.len();
    println!("{MAX_NOTES} notes take {notes} bytes of the state");
    assert!(notes <= 16 * 1_024, "{notes} bytes");
}

#[test]
fn k3_the_words_of_a_note_go_with_the_person() {
    let mut event = {
        let mut story = Story::at(Status::Pending);
        let Ok(Decision::Happens(events)) = story.when(note()) else { panic!("a note") };
        events.into_iter().next().unwrap()
    };
    assert_eq!(event.set_apart(3).as_deref(), Some("asked for a gift wrap"));
    let words = Words::Beside(3);
    assert_eq!(words.read(Some(&person(&[], &[(3, "asked for a gift wrap")]))), Some("asked for a gift wrap"));
    assert_eq!(words.read(None), None);
}

#[test]
fn k1_tags_are_those_of_the_creation_until_others_are_set() {
    let mut order = Story::at(Status::Confirmed).order;
    assert_eq!(order.tags(Some(&person(&["gift"], &[]))), ["gift"]);
    assert!(order.tags(None).is_empty());
    order.tags = Some(Words::Beside(4));
    assert_eq!(order.tags(Some(&person(&["gift"], &[(4, "wholesale\nfragile")]))), ["wholesale", "fragile"]);
    assert!(order.tags(None).is_empty(), "they are erased with the person");
    order.tags = Some(Words::default());
    assert!(order.tags(Some(&person(&["gift"], &[]))).is_empty(), "none were set");
}

#[test]
fn k1_the_same_tags_change_nothing_while_nobody_has_changed_the_order() {
    let mut story = Story::at(Status::Confirmed).given(set_tags(&["wholesale"]));
    let again = |version| Command::SetTags { tags: vec!["wholesale".into()], already_at: Some(version) };
    let version = story.order.version;
    assert_eq!(story.when(again(version)), Ok(Decision::AlreadyApplied));
    assert!(matches!(story.when(again(version - 1)), Ok(Decision::Happens(_))), "they may be others by now");
    assert_eq!(story.replayed(), story.order);
}

#[test]
fn k6_somebody_looks_after_an_order_until_somebody_else_or_nobody_does() {
    let mut story = Story::at(Status::Processing).given(assign(Some("grace")));
    assert_eq!(story.order.assigned_to, Some("grace".parse().unwrap()));
    assert_eq!(story.when(assign(Some("grace"))), Ok(Decision::AlreadyApplied));
    let mut story = story.given(assign(Some("hedy"))).given(assign(None));
    assert_eq!(story.order.assigned_to, None);
    assert_eq!(story.when(assign(None)), Ok(Decision::AlreadyApplied));
    assert_eq!(story.replayed(), story.order);
}
