//! Whatever stands in a header or a body: it is read or refused, never a panic and never a 5xx.

use garde::Validate;
use oms_runtime::http::{Problem, Request, read_json};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// A body with every kind of part.
#[derive(Debug, PartialEq, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Body {
    #[garde(length(chars, min = 1, max = 20))]
    name: String,
    #[garde(range(min = 1, max = 9_999))]
    quantity: u32,
    #[serde(default)]
    #[garde(length(max = 3), dive)]
    parts: Vec<Part>,
    #[serde(default)]
    #[garde(skip)]
    draft: bool,
}

#[derive(Debug, PartialEq, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Part {
    #[garde(length(chars, max = 10))]
    code: String,
    #[garde(skip)]
    price: Option<String>,
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

fn good() -> Value {
    json!({"name": "x", "quantity": 2, "parts": [{"code": "a", "price": "1.00"}, {"code": "b"}], "draft": true})
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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
