//! What warehouses print: packing slips and pick lists (G12).

use code128::{Bar, decode_str};
use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::app::{TestApp, start_app};
use crate::shop::{MUG, POTTERY, TEA, TEA_HOUSE, cart, id, text, with};

/// A text that would run if anything ran it.
const SCRIPT: &str = "<script>alert('1')</script>";

/// An order of mugs and tea, in preparation: the first shipment is the pottery's, the second the tea house's.
async fn prepared(app: &TestApp, cart: &Value, key: &str) -> Value {
    let ada = app.customer("ada");
    let order = ada.create(cart, key).await.expect(201);
    ada.pay(&order).await;
    app.settled().await;
    app.admin().move_to(&order, &["processing"]).await;
    order
}

fn shipment(order: &Value, number: u16) -> String {
    format!("{}-S{number}", id(order))
}

fn slip(order: &Value, number: u16) -> String {
    format!("/api/shipments/{}/packing-slip", shipment(order, number))
}

/// A page that a browser shows, and in which nothing runs.
#[track_caller]
fn page(answer: Answer) -> String {
    assert_eq!(answer.status, 200, "{}: {}", answer.what, answer.text);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("content-language", "en"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{}", answer.what);
    }
    let policies: Vec<_> = answer.headers.get_all("content-security-policy").iter().collect();
    let [policy] = policies[..] else { panic!("one policy, or both hold: {policies:?}") };
    let policy = policy.to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    for never in ["<script", " style=", " onload", "javascript:", "http://", "https://"] {
        assert!(!answer.text.contains(never), "{never} in {}", answer.text);
    }
    assert!(answer.text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{}", answer.text);
    assert_eq!(answer.text.matches("<h1").count(), 1, "{}", answer.text);
    answer.text
}

/// What a scanner reads: of each bar the path says where it starts and how wide it is.
fn scanned(page: &str) -> String {
    let path = page.split_once("<path d=\"").unwrap().1.split_once('"').unwrap().0;
    let drawn: Vec<(u8, u8)> = path
        .split_terminator('z')
        .map(|bar| {
            let (left, rest) = bar.strip_prefix('M').unwrap().split_once(" 0h").unwrap();
            (left.parse().unwrap(), rest.split_once('v').unwrap().0.parse().unwrap())
        })
        .collect();
    let space = |index: usize| drawn.get(index + 1).map_or(0, |next| next.0 - drawn[index].0 - drawn[index].1);
    let bars: Vec<Bar> = (0..drawn.len()).map(|index| Bar { width: drawn[index].1, space: space(index) }).collect();
    decode_str(&bars).unwrap()
}

#[tokio::test]
async fn g12_a_packing_slip_says_what_is_in_the_parcel_and_for_whom() {
    let app = start_app().await;
    let admin = app.admin();
    let product = format!("/api/products/{MUG}");
    admin.call(Method::PATCH, &product).json(&json!({ "name": format!("Mug {SCRIPT}") })).send().await.expect(200);
    let body = with(cart(&[(MUG, 3), (TEA, 1)]), "/shipping_address/recipient_name", json!(format!("Ada {SCRIPT}")));
    let body = with(with(body, "/gift_note", json!(format!("For you\n{SCRIPT}"))), "/customer_note", json!("not dear"));
    let order = prepared(&app, &body, "slip").await;
    let number = text(&order, "number");
    let printed = page(admin.get(&slip(&order, 1)).await);
    for told in [
        &format!("<title>Packing slip {number}-S1</title>"),
        &format!("aria-label=\"Barcode of order {number}\""),
        "Am Sandtorkai 30",
        "20457 Hamburg",
        "Ada &lt;script&gt;",
        "Mug &lt;script&gt;",
        "For you\n&lt;script&gt;",
        "MUG-BLUE-350",
        "<td class=\"units\">3</td>",
        "Other items of this order come separately.",
        "<th scope=\"col\"",
        "<time datetime=\"",
    ] {
        assert!(printed.contains(told), "no {told} in {printed}");
    }
    assert_eq!(scanned(&printed), number);
    // A gift tells no price, and the shop is told what the customer tells the shop.
    let (total, subtotal) = (text(&order, "total"), text(&order, "subtotal"));
    for hidden in ["TEA-EARL-100", "EUR", "€", "not dear", "@example", total, subtotal] {
        assert!(!printed.contains(hidden), "{hidden} in {printed}");
    }
    let tracking = json!([{"carrier": "DHL", "tracking_number": "JD4711"}]);
    let shipped = admin.call(Method::PATCH, &format!("/api/shipments/{}", shipment(&order, 1)));
    shipped.json(&json!({"status": "shipped", "tracking": tracking})).send().await.expect(200);
    let reprinted = page(admin.get(&slip(&order, 1)).await);
    assert!(reprinted.contains("JD4711") && reprinted.contains("<dt>Shipped</dt>"), "{reprinted}");
    // Sellers see where to send what is still to be sent.
    let pottery = app.seller(POTTERY);
    let left = page(pottery.get(&slip(&order, 1)).await);
    assert!(left.contains("MUG-BLUE-350") && !left.contains("Ada ") && !left.contains("For you"), "{left}");
    app.settled().await;
    app.finish().await;
}

#[tokio::test]
async fn g12_several_slips_are_printed_at_once_or_not_at_all() {
    let app = start_app().await;
    let (admin, pottery) = (app.admin(), app.seller(POTTERY));
    let one = prepared(&app, &cart(&[(MUG, 1), (TEA, 1)]), "one").await;
    let two = prepared(&app, &cart(&[(MUG, 2)]), "two").await;
    let [first, teas, second] = [shipment(&one, 1), shipment(&one, 2), shipment(&two, 1)];
    let several = |ids: &[&str]| format!("/api/packing-slips?shipments={}", ids.join(","));
    let printed = page(pottery.get(&several(&[&second, &first, &second])).await);
    assert!(printed.contains("<title>2 packing slips</title>"), "{printed}");
    let (two_at, one_at) = (printed.find(text(&two, "number")).unwrap(), printed.find(text(&one, "number")).unwrap());
    assert!(two_at < one_at, "in the order of the ids");
    assert_eq!(printed.matches("<article").count(), 2);
    assert_eq!(page(admin.get(&several(&[&first, &teas])).await).matches("<article").count(), 2);
    // One that is not theirs is as good as missing, and so are all.
    for ids in [&[first.as_str(), &teas][..], &[&teas], &[&first, "01990000-0000-7000-8000-0000000000ff-S1"]] {
        pottery.get(&several(ids)).await.problem(404, "not_found");
    }
    pottery.get(&slip(&one, 2)).await.problem(404, "not_found");
    app.customer("ada").get(&several(&[&first])).await.problem(403, "forbidden");
    app.nobody().get(&several(&[&first])).await.problem(401, "unauthenticated");
    let many: Vec<String> = (1..=26).map(|number| shipment(&one, number)).collect();
    for query in ["", "?shipments=", "?shipments=nonsense", &format!("?shipments={}", many.join(","))] {
        let refused = admin.get(&format!("/api/packing-slips{query}")).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), ["/shipments"], "{query}");
    }
    // What was given up goes into no parcel, and of several it is named.
    let cancelled = admin.call(Method::PATCH, &format!("/api/shipments/{teas}"));
    cancelled.json(&json!({"status": "cancelled"})).send().await.expect(200);
    let refused = admin.get(&several(&[&first, &teas])).await;
    let problem = refused.problem(409, "invalid_transition");
    assert!(text(&problem["errors"][0], "message").contains(&teas), "{problem}");
    app.finish().await;
}

#[tokio::test]
async fn g12_a_pick_list_is_printed_page_by_page() {
    let app = start_app().await;
    let admin = app.admin();
    let empty = page(admin.get("/api/pick-list").await);
    assert!(empty.contains("There is nothing to pick."), "{empty}");
    let one = prepared(&app, &cart(&[(MUG, 2), (TEA, 1)]), "one").await;
    let two = prepared(&app, &cart(&[(MUG, 1)]), "two").await;
    let list = page(admin.get("/api/pick-list").await);
    assert!(list.contains("3 shipments · 4 units") && list.contains("Location main"), "{list}");
    let (mugs, teas) = (list.find("MUG-BLUE-350").unwrap(), list.find("TEA-EARL-100").unwrap());
    assert!(mugs < teas && list.contains("<td class=\"units\">3</td>") && !list.contains("not complete"), "{list}");
    for number in [&format!("{}-S1", text(&one, "number")), &format!("{}-S1", text(&two, "number"))] {
        assert!(list.contains(number), "{number} in {list}");
    }
    // It is nobody's business for whom.
    assert!(!list.contains("Ada") && !list.contains("Linden"), "{list}");
    let own = page(app.seller(TEA_HOUSE).get("/api/pick-list").await);
    assert!(own.contains("TEA-EARL-100") && !own.contains("MUG-BLUE-350"), "{own}");
    app.seller(TEA_HOUSE).get(&format!("/api/pick-list?seller_id={POTTERY}")).await.problem(404, "not_found");

    // Each page says that there is another one, and the last does not.
    let (mut query, mut pages) = ("?limit=1&status=planned".to_owned(), 0);
    loop {
        let list = page(admin.get(&format!("/api/pick-list{query}")).await);
        pages += 1;
        let Some((_, next)) = list.split_once("rel=\"next\" href=\"") else { break };
        assert!(list.contains("This list is not complete") && pages < 5, "{list}");
        query = next.split_once('"').unwrap().0.replace("&amp;", "&");
    }
    assert_eq!(pages, 3);
    for (query, pointer) in [("limit=201", "/limit"), ("view=pick-list", "/view"), ("status=lost,found", "/status")] {
        let refused = admin.get(&format!("/api/pick-list?{query}")).await;
        refused.problem(422, "validation_failed");
        assert_eq!(refused.pointers(), [pointer], "{query}");
    }
    app.finish().await;
}
