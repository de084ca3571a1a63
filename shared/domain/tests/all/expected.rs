//! When an order should arrive, by what the shop said as it was placed (A8, G6).

use crate::support::{Story, cancel, deliver, prepare, ship, ship_all, units};
use jiff::civil::{Date, date};
use oms_domain::ordering::{Order, Status};
use oms_domain::pricing::dispatch::{Day, Delivery, Dispatch};

fn within(story: Story, from: u8, to: u8) -> Story {
    let mut story = story;
    story.order.delivery = Some(Delivery { from, to, dispatch: None });
    story
}

/// The story's day is Monday, the 2nd of March.
fn expected(order: &Order) -> Option<(Date, Date)> {
    order.expected_delivery()
}

#[test]
fn a8_an_order_is_expected_by_what_was_said_as_it_was_placed() {
    let (wednesday, next_monday) = (date(2026, 3, 4), date(2026, 3, 9));
    for status in [Status::Pending, Status::Confirmed, Status::Processing, Status::Shipped] {
        assert_eq!(expected(&Story::at(status).order), None, "{status}: nothing was said");
        let story = within(Story::at(status), 2, 5);
        assert_eq!(expected(&story.order), Some((wednesday, next_monday)), "{status}");
    }
    for status in [Status::Draft, Status::Delivered, Status::ReturnRequested, Status::Returned, Status::Refunded] {
        assert_eq!(expected(&within(Story::at(status), 2, 5).order), None, "{status}");
    }
    assert_eq!(expected(&within(Story::at(Status::Confirmed), 2, 5).given(cancel()).order), None);
}

#[test]
fn a8_a_draft_that_lay_for_days_is_expected_from_its_submission_on() {
    for status in [Status::Pending, Status::Confirmed] {
        let mut story = within(Story::at(status), 1, 1);
        story.order.created_at = "2026-02-25T09:00:00Z".parse().unwrap();
        assert_eq!(expected(&story.order), Some((date(2026, 3, 3), date(2026, 3, 3))), "{status}");
        // Orders of before may not know when they were paid.
        story.order.paid_at = None;
        assert_eq!(expected(&story.order), Some((date(2026, 3, 3), date(2026, 3, 3))), "{status}, of before");
    }
}

#[test]
fn a8_what_has_left_later_is_expected_later() {
    let mut story = within(Story::at(Status::Confirmed), 1, 2).given(prepare()).given(ship(&[units(1, 1)]));
    assert_eq!(expected(&story.order), Some((date(2026, 3, 3), date(2026, 3, 4))), "the rest has yet to leave");
    story = story.given(ship_all());
    let last = story.order.shipments.len() - 1;
    story.order.shipments[last].shipped_at = Some("2026-03-06T23:00:00Z".parse().unwrap());
    assert_eq!(expected(&story.order), Some((date(2026, 3, 9), date(2026, 3, 10))), "over a weekend");
    assert_eq!(expected(&story.given(deliver()).order), None);
}

#[test]
fn a8_a_shop_that_says_when_it_sends_is_believed_where_it_is() {
    let noon = jiff::civil::time(12, 0, 0, 0);
    let days = [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday].into();
    let dispatch = Dispatch { time_zone: "Pacific/Auckland".into(), until: Some(noon), days, closed: Vec::new() };
    let mut story = Story::at(Status::Confirmed);
    story.order.delivery = Some(Delivery { from: 1, to: 1, dispatch: Some(Box::new(dispatch)) });
    let mut paid = |at: &str| {
        story.order.paid_at = Some(at.parse().unwrap());
        expected(&story.order).map(|(first, _)| first)
    };
    assert_eq!(paid("2026-03-03T22:59:59Z"), Some(date(2026, 3, 5)), "still Wednesday morning there");
    assert_eq!(paid("2026-03-03T23:00:00Z"), Some(date(2026, 3, 6)), "noon");
    assert_eq!(paid("2026-03-04T23:00:00Z"), Some(date(2026, 3, 10)), "late on a Thursday: it leaves on Monday");
    story = story.given(prepare()).given(ship_all());
    story.order.shipments[0].shipped_at = Some("2026-03-05T12:00:00Z".parse().unwrap());
    assert_eq!(expected(&story.order), Some((date(2026, 3, 9), date(2026, 3, 9))), "it was Friday there as it left");
}
