//! The tables that prices depend on, and how they came to be what they are (K6, K8).

use futures::future::join_all;
use jiff::SignedDuration;
use oms_app::ports::{ANNOUNCED_SECONDS, Setting, SettingChange, SettingError, SettingRecord, Table, Versioned};
use oms_domain::fulfilment::locations::LocationTable;
use oms_domain::fulfilment::shop::ShopTable;
use oms_domain::pricing::promotion::PromotionTable;
use oms_domain::returns::policy::ReturnsTable;

use super::Subject;
use crate::builders::{a_promotion, admin, automatic_shop, locations, order_id, rates, rates_with};
use crate::fault::Fault;
use crate::time::start;

const TABLES: [Table; 6] = Table::ALL;

fn promotions(codes: &[&str]) -> Setting {
    Setting::Promotions(PromotionTable { promotions: codes.iter().map(|code| a_promotion(code)).collect() })
}

fn record(number: u64, version: u64) -> SettingRecord {
    SettingRecord {
        id: order_id(number).uuid(),
        version,
        actor: admin().actor(),
        at: start() + SignedDuration::from_mins(i64::try_from(number).unwrap()),
        correlation_id: format!("request {number}"),
        effective_from: None,
    }
}

/// The change to these promotions from the ones that were read, as the `number`th request.
fn change(before: &Versioned, codes: &[&str], number: u64) -> SettingChange {
    let record = record(number, before.version + 1);
    SettingChange { before: before.clone(), after: before.next(promotions(codes), record.at), record }
}

/// Its last version, whenever that counts.
fn said(table: &Versioned) -> (Setting, u64) {
    (table.setting.clone(), table.version)
}

async fn current(subject: &Subject) -> Versioned {
    subject.settings.current(Table::Promotions).await.unwrap()
}

/// Nobody has set anything up: empty, and at version 0; so the first change is one like all others.
pub async fn tables_are_empty_before_they_are_set_up(subject: &Subject) {
    for table in TABLES {
        let empty = Versioned::of(table.empty(), 0);
        assert_eq!(subject.settings.current(table).await, Ok(empty));
        assert_eq!(subject.settings.changes(table, 10).await, Ok(vec![]));
        assert_eq!(subject.settings.replaced(table, 0).await, Ok(None));
    }
    let before = current(subject).await;
    assert_eq!(subject.settings.change(&change(&before, &["TEN"], 1)).await, Ok(()));
    assert_eq!(subject.settings.change(&change(&before, &["TEN"], 2)).await, Err(SettingError::Stale));
    assert_eq!(current(subject).await, Versioned::of(promotions(&["TEN"]), 1));
    assert_eq!(subject.settings.current(Table::Taxes).await.unwrap().version, 0);
}

/// What the first start sets up is version 1.
pub async fn tables_are_read_as_they_were_set_up(subject: &Subject) {
    subject.stock(&[]).await;
    let set_up = rates();
    let said =
        [Setting::Taxes(set_up.taxes), Setting::Shipping(set_up.shipping), Setting::Promotions(set_up.promotions)];
    for setting in said {
        let table = setting.table();
        assert_eq!(subject.settings.current(table).await, Ok(Versioned::of(setting, 1)));
    }
}

/// Tables that no quote reads are kept like the others, with what counts until a change does.
pub async fn tables_of_fulfilment_are_kept_like_those_of_prices(subject: &Subject) {
    let by_hand = ShopTable::default();
    for (number, [first, second]) in [
        (1, [Setting::Shop(automatic_shop("standard", "dhl")), Setting::Shop(by_hand)]),
        (3, [Setting::Locations(locations()), Setting::Locations(LocationTable::default())]),
        (
            5,
            [
                Setting::Returns(ReturnsTable { days: 14, ..ReturnsTable::default() }),
                Setting::Returns(ReturnsTable::default()),
            ],
        ),
    ] {
        let table = first.table();
        for (number, setting) in (number..).zip([&first, &second]) {
            let before = subject.settings.current(table).await.unwrap();
            let record = record(number, before.version + 1);
            let after = before.next(setting.clone(), record.at);
            let change = SettingChange { before, after, record };
            assert_eq!(subject.settings.change(&change).await, Ok(()));
        }
        let now = subject.settings.current(table).await.unwrap();
        let changed = record(number + 1, 2).at;
        assert_eq!((now.at(changed), now.version), (&first, 2), "{table:?}: it is announced");
        assert_eq!(now.at(changed + SignedDuration::from_secs(ANNOUNCED_SECONDS)), &second);
        assert_eq!(subject.settings.replaced(table, 1).await, Ok(Some(first)));
        assert_eq!(subject.settings.changes(table, 10).await.unwrap().len(), 2);
    }
    assert_eq!(current(subject).await.version, 0, "the tables of prices are as they were");
}

/// Quotes and orders see the change; nothing of what was is lost.
pub async fn a_change_is_seen_by_quotes_and_keeps_what_it_replaced(subject: &Subject) {
    subject.catalog.set_rates(&rates_with(vec![a_promotion("OLD")])).await.unwrap();
    for (number, code) in [(1, "ONE"), (2, "TWO"), (3, "THREE")] {
        let before = current(subject).await;
        assert_eq!(subject.settings.change(&change(&before, &[code], number)).await, Ok(()));
    }
    assert_eq!(said(&current(subject).await), (promotions(&["THREE"]), 4));
    let (_, found) = subject.catalog.quote(&[]).await.unwrap();
    let counts_later = start() + SignedDuration::from_hours(1);
    let three = rates_with(vec![a_promotion("THREE")]);
    assert_eq!(found.at(counts_later), three, "the other tables stay as they are");
    for (version, code) in [(1, "OLD"), (2, "ONE"), (3, "TWO")] {
        assert_eq!(subject.settings.replaced(Table::Promotions, version).await, Ok(Some(promotions(&[code]))));
    }
    assert_eq!(subject.settings.replaced(Table::Promotions, 4).await, Ok(None));
    let newest = vec![record(3, 4), record(2, 3)];
    assert_eq!(subject.settings.changes(Table::Promotions, 2).await, Ok(newest));
    assert_eq!(subject.settings.changes(Table::Taxes, 10).await, Ok(vec![]));
}

/// Whoever has not seen the present version replaces nothing, and leaves no record.
pub async fn a_change_of_an_old_table_is_stale(subject: &Subject) {
    subject.stock(&[]).await;
    let before = current(subject).await;
    assert_eq!(subject.settings.change(&change(&before, &["ONE"], 1)).await, Ok(()));
    assert_eq!(subject.settings.change(&change(&before, &["TWO"], 2)).await, Err(SettingError::Stale));
    assert_eq!(said(&current(subject).await), (promotions(&["ONE"]), 2));
    assert_eq!(subject.settings.changes(Table::Promotions, 10).await, Ok(vec![record(1, 2)]));
}

/// However many change a version at the same time, one does.
pub async fn one_of_many_changes_at_once_is_made(subject: &Subject) {
    subject.stock(&[]).await;
    let before = current(subject).await;
    let changes: Vec<SettingChange> = (1..=20).map(|number| change(&before, &["TEN"], number)).collect();
    let results = join_all(changes.iter().map(|change| subject.settings.change(change))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(subject.settings.changes(Table::Promotions, 100).await.unwrap().len(), 1);
}

/// A change whose answer was lost is ours also when somebody has replaced it since.
pub async fn a_change_whose_acknowledgement_is_lost_is_recognised(subject: &Subject) {
    subject.stock(&[]).await;
    let before = current(subject).await;
    let first = change(&before, &["ONE"], 1);
    subject.faults.inject(Fault::LostAcknowledgement, 1);
    if subject.settings.change(&first).await.is_err() {
        assert_eq!(subject.settings.change(&first).await, Ok(()));
    }
    let second = change(&current(subject).await, &["TWO"], 2);
    assert_eq!(subject.settings.change(&second).await, Ok(()));
    assert_eq!(subject.settings.change(&first).await, Ok(()));
    assert_eq!(said(&current(subject).await), (promotions(&["TWO"]), 3));
    assert_eq!(subject.settings.changes(Table::Promotions, 10).await.unwrap().len(), 2);
}

/// Every version counts from its moment on, and until then the one before it, whoever reads when.
pub async fn an_announced_change_is_read_with_what_counts_until_then(subject: &Subject) {
    subject.catalog.set_rates(&rates_with(vec![a_promotion("OLD")])).await.unwrap();
    let seconds = |seconds| start() + SignedDuration::from_secs(seconds);
    let mut before = current(subject).await;
    for (number, at, code) in [(1, 0, "ONE"), (2, 60, "TWO"), (3, 70, "THREE")] {
        let record = SettingRecord { at: seconds(at), ..record(number, before.version + 1) };
        let after = before.next(promotions(&[code]), record.at);
        assert_eq!(after.effective_from, Some(seconds(at + ANNOUNCED_SECONDS)));
        subject.settings.change(&SettingChange { before, after: after.clone(), record }).await.unwrap();
        assert_eq!(current(subject).await, after);
        before = after;
    }
    let (_, rates) = subject.catalog.quote(&[]).await.unwrap();
    // `TWO` was corrected before anybody could have followed it.
    for (at, code) in [(70, "OLD"), (119, "OLD"), (120, "ONE"), (189, "ONE"), (190, "THREE"), (10_000, "THREE")] {
        let table = rates.promotions.at(seconds(at));
        assert_eq!(Setting::Promotions(table.clone()), promotions(&[code]), "after {at} seconds");
    }
    let later = before.next(promotions(&["FOUR"]), seconds(1_000));
    assert_eq!(later.until_then.len(), 1, "what is over is not kept");
}

/// A shop without tables need not wait for its first ones.
pub async fn the_first_tables_of_an_empty_shop_count_at_once(subject: &Subject) {
    let before = current(subject).await;
    subject.settings.change(&change(&before, &["TEN"], 1)).await.unwrap();
    let (_, rates) = subject.catalog.quote(&[]).await.unwrap();
    assert_eq!(Setting::Promotions(rates.promotions.at(start()).clone()), promotions(&["TEN"]));
}
