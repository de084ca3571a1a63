//! How parcels of the sandbox carrier are moved.
//!
//! `POST /dev/parcels/{tracking_number}` `{"event": "delivered", "at": "…"}` has the carrier see a parcel, and push what it saw. The push
//! is sent at once and once; whoever wants it late, twice or out of order asks so. A push that is not taken is answered as such. With
//! `"silent": true` the carrier tells nobody: it is asked after the parcel a day later, as with a push that got lost.
//!
//! `GET /dev/carriers` is a page that shows the parcels and moves them by buttons.

use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use oms_domain::fulfilment::bare_number;
use oms_domain::fulfilment::scan::{CarrierStatus, ParcelNews, Scan};
use serde::Deserialize;
use serde_json::{Value, json};

use super::carrier::{SandboxCarrier, Seen};
use crate::own;
use crate::problem::{Problem, json_response};
use crate::state::StateError;

/// Nothing on the page comes from elsewhere, and its forms lead back here.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What may happen to a parcel.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Happening {
    InTransit,
    OutForDelivery,
    ReadyForPickup,
    Delivered,
    /// It could not be handed over.
    Failed,
    Delayed,
    Returning,
    /// It is with the sender again.
    ReturnToSender,
    Lost,
}

/// What the buttons say, in the order of a parcel's life.
const BUTTONS: [(&str, &str); 9] = [
    ("in_transit", "In transit"),
    ("delayed", "Delayed"),
    ("out_for_delivery", "Out for delivery"),
    ("failed", "Delivery failed"),
    ("ready_for_pickup", "Ready for pickup"),
    ("delivered", "Delivered"),
    ("returning", "On its way back"),
    ("return_to_sender", "Back at the sender"),
    ("lost", "Lost"),
];

impl Happening {
    const fn status(self) -> CarrierStatus {
        match self {
            Happening::InTransit => CarrierStatus::InTransit,
            Happening::OutForDelivery => CarrierStatus::OutForDelivery,
            Happening::ReadyForPickup => CarrierStatus::ReadyForPickup,
            Happening::Delivered => CarrierStatus::Delivered,
            Happening::Failed => CarrierStatus::AttemptFailed,
            Happening::Delayed => CarrierStatus::Exception,
            Happening::Returning => CarrierStatus::Returning,
            Happening::ReturnToSender => CarrierStatus::ReturnedToSender,
            Happening::Lost => CarrierStatus::Lost,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    event: Happening,
    /// When it was seen; now, if it is not said.
    at: Option<Timestamp>,
    /// When the carrier means to deliver it.
    estimated_delivery: Option<Timestamp>,
    /// Whether the carrier keeps it to itself until it is asked.
    #[serde(default)]
    silent: bool,
}

pub(super) fn routes(carrier: SandboxCarrier) -> Router {
    Router::new()
        .route("/dev/parcels/{tracking_number}", post(moved))
        .route("/dev/carriers", get(show))
        .with_state(carrier)
}

async fn moved(
    State(carrier): State<SandboxCarrier>,
    Path(tracking_number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = own::form::<Moved>(&headers, &body);
    let by_form = form.is_some();
    let Moved { event, at, estimated_delivery, silent } = match form.unwrap_or_else(|| own::json(&headers, &body)) {
        Ok(moved) => moved,
        Err(problem) => return refused(problem),
    };
    if bare_number(&tracking_number).is_empty() {
        return refused(Problem::invalid("/tracking_number", "must be the number of a parcel"));
    }
    let status = event.status();
    let scan = Scan { at: at.unwrap_or_else(|| carrier.now()), status, code: status.name().to_owned(), place: None };
    let news = ParcelNews { tracking_number, scans: vec![scan], estimated_delivery };
    if let Err(error) = carrier.scan(&news) {
        return internal(&error);
    }
    let (status, told) = if silent {
        (StatusCode::OK, json!({"pushed": null, "answer": null}))
    } else {
        let (status, answer) = carrier.push(news).await;
        let answered = if status.is_success() { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
        (answered, json!({"pushed": status.as_u16(), "answer": answer}))
    };
    if by_form && status.is_success() { back() } else { answered(status, &told) }
}

async fn show(State(carrier): State<SandboxCarrier>) -> Response {
    match carrier.parcels() {
        Ok(parcels) => html(&parcels),
        Err(error) => internal(&error),
    }
}

fn html(parcels: &[Seen]) -> Response {
    let mut rows = String::new();
    for parcel in parcels {
        // Numbers of parcels are letters and digits, and the rest is ours: nothing on the page needs escaping.
        let number = &parcel.tracking_number;
        let shipment = if parcel.shipment.is_empty() { "no label of ours" } else { &parcel.shipment };
        let last = match &parcel.last {
            Some((status, at)) => format!("{}<br><small>{at}</small>", status.replace('_', " ")),
            None if parcel.is_void => "label given back".to_owned(),
            None => "label sold".to_owned(),
        };
        let buttons: String = BUTTONS.iter().fold(String::new(), |mut buttons, (event, says)| {
            // Writing to a text cannot fail.
            let _ = write!(buttons, "<button name=\"event\" value=\"{event}\">{says}</button> ");
            buttons
        });
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{number}<br><small>{shipment}</small></th><td>{last}</td>\
             <td><form method=\"post\" action=\"/dev/parcels/{number}\">{buttons}\
             <label><input type=\"checkbox\" name=\"silent\" value=\"true\"> tell nobody</label></form></td></tr>"
        );
    }
    let list = if rows.is_empty() {
        "<p>There are no parcels yet. Buy a label from the carrier <code>sandbox</code>, or ship with it.</p>"
            .to_owned()
    } else {
        format!(
            "<table><thead><tr><th scope=\"col\">Parcel</th><th scope=\"col\">Last seen</th>\
             <th scope=\"col\">What happens next</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    };
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sandbox carrier</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;vertical-align:top;padding:.5rem;border-top:1px solid #ccc}}\
         button{{font:inherit;font-size:.875rem;min-height:2rem;margin:0 0 .25rem}}label{{white-space:nowrap}}small{{font-weight:normal;color:#595959;white-space:nowrap}}\
         @media (max-width:45rem){{thead{{display:none}}tr,th,td{{display:block}}td{{border-top:0}}}}</style>\
         <h1>Sandbox carrier</h1><p>A button has the carrier see the parcel and tell the shop. What it tells nobody, the shop asks for \
         after a day.</p>{list}</html>"
    );
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// To the page, which then shows what has happened.
fn back() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/dev/carriers"));
    response
}

fn answered(status: StatusCode, body: &Value) -> Response {
    json_response(status, body).map(Body::from)
}

fn refused(problem: Problem) -> Response {
    problem.response(&crate::random::uuid().to_string()).map(Body::from)
}

fn internal(error: &StateError) -> Response {
    tracing::error!(%error, "the carrier cannot read or write its books");
    refused(Problem::internal())
}
