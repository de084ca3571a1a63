//! Whatever stands in a header or a body: it is read or refused, never a panic and never a 5xx.

use std::collections::{BTreeMap, BTreeSet};

use oms_domain::ids::ProductId;
use oms_runtime::http::bounded::{Count, Line, MoneyText, Text};
use oms_runtime::http::shape::Shape;
use oms_runtime::http::{Problem, Request, read_json};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A body with every kind of part.
#[derive(Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Body {
    name: Text<1, 20>,
    quantity: Count<1, 9_999>,
    #[serde(default)]
    #[schema(max_items = 3)]
    parts: Vec<Part>,
    #[serde(default)]
    draft: bool,
    kind: Kind,
    #[schema(value_type = Uuid)]
    product_id: ProductId,
    label: Option<Line<1, 10>>,
}

#[derive(Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    code: Text<0, 10>,
    price: Option<MoneyText>,
}

#[derive(Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Large,
    Small,
}

fn request(body: impl Into<Vec<u8>>) -> Request {
    Request { method: "POST".to_owned(), path: "/things".to_owned(), body: body.into(), ..Request::default() }
}

fn with_header(name: &str, value: &str) -> Request {
    Request { headers: vec![(name.to_owned(), value.to_owned())], ..request("{}") }
}

/// A refusal that is the client's to mend.
fn refused(problem: &Problem) -> bool {
    [400, 413, 422].contains(&problem.status().as_u16())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let names = prop_oneof![Just("name"), Just("quantity"), Just("parts"), Just("code"), Just("price"), Just("x")];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..5)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

const PRODUCT: &str = "01990000-0000-7000-8000-0000000000ff";

/// How a field can be wrong: where, what stands there instead (nothing: it is left out), and whether it has a wrong kind.
fn breakages() -> Vec<(&'static str, Option<Value>, bool)> {
    vec![
        ("/name", None, false),
        ("/name", Some(json!("")), false),
        ("/name", Some(json!(7)), true),
        ("/quantity", None, false),
        ("/quantity", Some(json!(0)), false),
        ("/quantity", Some(json!(10_000)), false),
        ("/quantity", Some(json!(-1)), true),
        ("/quantity", Some(json!("2")), true),
        ("/parts/0/code", None, false),
        ("/parts/0/code", Some(json!("longer than ten")), false),
        ("/parts/0/price", Some(json!("1,00")), false),
        ("/parts/0/price", Some(json!(1.0)), true),
        ("/parts/1/code", Some(json!({})), true),
        ("/parts/1/colour", Some(json!("red")), false),
        ("/draft", Some(json!("yes")), true),
        ("/kind", None, false),
        ("/kind", Some(json!("huge")), false),
        ("/kind", Some(json!(null)), true),
        ("/product_id", Some(json!("1")), false),
        ("/product_id", Some(json!(PRODUCT.to_uppercase())), false),
        ("/label", Some(json!("two\nlines")), false),
        ("/label", Some(json!([])), true),
        ("/surprise", Some(json!(1)), false),
    ]
}

/// Breaks a body at a place.
fn put(body: &mut Value, pointer: &str, value: Option<&Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let fields = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(fields.insert(name.to_owned(), value.clone())),
        None => drop(fields.remove(name)),
    }
}

fn good() -> Value {
    json!({
        "name": "x", "quantity": 2, "parts": [{"code": "a", "price": "1.00"}, {"code": "b"}], "draft": true, "kind": "large",
        "product_id": PRODUCT, "label": null,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_broken_field_is_named_and_no_other(chosen in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let all = breakages();
        let mut body = good();
        let mut broken = BTreeMap::new();
        for (pointer, value, wrong_kind) in chosen.iter().map(|index| index.get(&all)) {
            put(&mut body, pointer, value.as_ref());
            broken.insert((*pointer).to_owned(), *wrong_kind);
        }
        match read_json::<Body>(&request(body.to_string())) {
            Ok(_) => prop_assert!(broken.is_empty(), "{body}"),
            Err(problem) => {
                let told: BTreeSet<String> = problem.errors().iter().map(|field| field.pointer.clone()).collect();
                prop_assert_eq!(&told, &broken.keys().cloned().collect());
                let code = if broken.values().any(|wrong_kind| *wrong_kind) { "malformed_request" } else { "validation_failed" };
                prop_assert_eq!(problem.code(), code);
            }
        }
    }

    #[test]
    fn what_the_schema_lets_through_is_read(value in any_json()) {
        let mut body = good();
        if let Value::Object(fields) = value {
            body.as_object_mut().unwrap().extend(fields);
        }
        let faults = Shape::of::<Body>().faults(&body);
        let read = serde_json::from_value::<Body>(body.clone());
        prop_assert_eq!(faults.fields.is_empty(), read.is_ok(), "{} {:?} {:?}", body, faults, read);
    }

    #[test]
    fn any_body_is_read_or_refused(noise in prop::collection::vec(any::<u8>(), 0..200), value in any_json()) {
        for body in [noise, value.to_string().into_bytes()] {
            if let Err(problem) = read_json::<Body>(&request(body)) {
                prop_assert!(refused(&problem), "{problem:?}");
            }
        }
    }

    #[test]
    fn a_good_body_with_a_changed_byte_is_read_or_refused(place in any::<prop::sample::Index>(), change in 1_u8..) {
        let mut body = good().to_string().into_bytes();
        prop_assert!(read_json::<Body>(&request(body.clone())).is_ok());
        let place = place.index(body.len());
        body[place] ^= change;
        if let Err(problem) = read_json::<Body>(&request(body)) {
            prop_assert!(refused(&problem), "{problem:?}");
        }
    }

    #[test]
    fn a_part_of_another_kind_is_named(value in any_json(), place in 0_usize..4) {
        let pointer = ["/name", "/quantity", "/parts/1/code", "/parts/0/price"][place];
        let mut body = good();
        *body.pointer_mut(pointer).unwrap() = value.clone();
        if let Err(problem) = read_json::<Body>(&request(body.to_string())) {
            prop_assert!(refused(&problem));
            let told = format!("{problem:?}");
            prop_assert!(told.contains(&format!("pointer: \"{pointer}")), "{pointer} = {value}: {told}");
        }
    }

    #[test]
    fn a_version_is_read_as_it_is_written(version in any::<u64>(), noise in any::<String>(), near in "[W/\"0-9*, -]{0,24}") {
        for etag in [format!("\"{version}\""), format!("W/\"{version}\"")] {
            prop_assert_eq!(with_header("if-match", &etag).if_match().unwrap(), Some(version));
        }
        for text in [noise, near] {
            match with_header("if-match", &text).if_match() {
                Ok(Some(version)) => {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    prop_assert_eq!(digits.parse::<u64>().unwrap(), version, "{}", text);
                }
                Ok(None) => prop_assert_eq!(text.trim(), "*"),
                Err(problem) => prop_assert_eq!(problem.status().as_u16(), 400),
            }
        }
    }

    #[test]
    fn a_key_is_taken_as_it_is_or_refused(key in any::<String>(), plain in "[ -~]{0,300}") {
        for key in [key, plain] {
            let fits = (1..=255).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            match with_header("idempotency-key", &key).idempotency() {
                Ok(read) => prop_assert!(fits && read.unwrap().key == key),
                Err(problem) => prop_assert!(!fits && problem.status().as_u16() == 422),
            }
        }
    }

    #[test]
    fn the_same_request_is_known_again_and_another_is_not(one in any_json(), two in any_json()) {
        let of = |body: String| {
            let keyed = Request { headers: vec![("idempotency-key".to_owned(), "k".to_owned())], ..request(body) };
            keyed.idempotency().unwrap().unwrap().request
        };
        let spaced = serde_json::to_string_pretty(&one).unwrap();
        prop_assert_eq!(of(one.to_string()), of(spaced));
        prop_assert_eq!(of(one.to_string()) == of(two.to_string()), one == two);
    }
}
