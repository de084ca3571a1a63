//! Texts of bodies: bounds first, then what stands in them.

use std::time::{Duration, Instant};

use oms_runtime::http::bounded::{Line, Text};
use oms_runtime::http::{Problem, Request, read_json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only read")]
struct Body {
    #[serde(default)]
    name: Option<Line<1, 200>>,
    #[serde(default)]
    note: Option<Text<1, 500>>,
    #[serde(default)]
    sku: Option<Text<1, 40>>,
    #[serde(default)]
    tracking_number: Option<Text<1, 64>>,
    #[serde(default)]
    state: Option<Line<0, 200>>,
}

fn read(body: &Value) -> Result<Body, Problem> {
    read_json(&Request {
        method: "POST".to_owned(),
        path: "/things".to_owned(),
        body: body.to_string().into(),
        ..Request::default()
    })
}

/// Places and messages of what is wrong.
fn faults(body: &Value) -> Vec<(String, String)> {
    let problem = read(body).unwrap_err();
    problem.errors().iter().map(|field| (field.pointer.clone(), field.message.clone())).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a pause of seconds is what this is about")]
fn a3_bounds_are_answered_before_a_text_is_looked_at() {
    let long = "4242 4242 4242 4242 ".repeat(3_000);
    let begun = Instant::now();
    for field in ["note", "name", "unknown"] {
        let told = faults(&json!({ field: long }));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(!told[0].1.contains("card"), "{told:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "took {:?}", begun.elapsed());
    // What stands within its bounds is told of in the same answer.
    let told = faults(&json!({"name": "x".repeat(201), "note": "4242 4242 4242 4242"}));
    assert_eq!(told.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>(), ["/name", "/note"]);
}

#[test]
fn i3_w7_codes_of_machines_are_not_free_text() {
    for field in ["sku", "tracking_number"] {
        assert!(read(&json!({ field: "4242424242424242" })).is_ok(), "{field}");
    }
    for field in ["name", "note", "state"] {
        assert_eq!(faults(&json!({ field: "4242_4242_4242_4242" }))[0].0, format!("/{field}"));
        assert!(read(&json!({ field: "EAN 4006381333931" })).is_ok(), "{field}");
    }
}

#[test]
fn i8_no_text_is_blank_or_turns_the_direction_of_others() {
    for field in ["name", "note", "sku", "tracking_number"] {
        for blank in [" ", "\u{200b}", "\u{3164}\u{2060}"] {
            assert_eq!(faults(&json!({ field: blank }))[0].1, "must not be blank", "{field} {blank:?}");
        }
        for odd in ["a\u{202e}b", "a\u{2067}b", "a\u{0}b"] {
            assert_eq!(faults(&json!({ field: odd }))[0].0, format!("/{field}"), "{odd:?}");
        }
    }
    for separator in ["a\u{2028}b", "a\u{2029}b", "a\nb"] {
        assert_eq!(faults(&json!({ "name": separator }))[0].0, "/name", "{separator:?}");
        assert!(read(&json!({ "note": separator })).is_ok(), "a note has lines");
    }
    assert!(read(&json!({ "state": " " })).is_ok(), "what may be missing may be empty");
}
