//! RFC 9457 problems. The one place that knows which error has which HTTP status.

use http::{HeaderName, HeaderValue, StatusCode, header};
use oms_app::error::{Limit, NotOrderable, PriceChange, TotalChange, price_field, unavailable_field};
use oms_app::{Error, Field};
use oms_domain::catalog::Product;
use oms_domain::catalog::stock::Stock;
use oms_domain::money::Money;
use oms_domain::ordering::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use super::bounded::MoneyText;
use super::totals::TotalsView;

/// Seconds after which a client may try again when we could not serve it.
const RETRY_AFTER_SECONDS: u32 = 2;

/// The same for a payment provider that cannot be reached; its circuit stays open for a minute.
const PROVIDER_RETRY_AFTER_SECONDS: u32 = 60;

/// An invalid part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemField {
    /// JSON pointer to the invalid part; empty for the whole request.
    pub pointer: String,
    /// What is wrong with this part.
    pub message: String,
}

impl From<Field> for ProblemField {
    fn from(field: Field) -> Self {
        ProblemField { pointer: field.pointer, message: field.message }
    }
}

/// A product that could be bought instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alternative {
    /// Id of the product.
    #[schema(format = Uuid)]
    pub product_id: String,
    /// The product's name.
    pub name: String,
    /// Unit price.
    pub price: MoneyText,
    /// Currency code, ISO 4217.
    pub currency: String,
}

impl Alternative {
    /// The product in short.
    pub fn of(product: &Product) -> Self {
        Alternative {
            product_id: product.id.to_string(),
            name: product.name.clone(),
            price: Money::new(product.price, product.currency).into(),
            currency: product.currency.code().to_owned(),
        }
    }
}

/// `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct ProblemBody {
    /// URN that identifies the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short title of the kind of problem.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in words for people.
    pub detail: String,
    /// Stable, machine-readable code.
    pub code: String,
    /// Invalid parts of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// With `ORD-1001`: alternative products.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternatives: Option<Vec<Alternative>>,
    /// With `total_changed` and `difference_changed`: the sums as they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<TotalsView>,
    /// With `duplicate_order`: id of the order that is waiting for payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub order_id: Option<String>,
    /// The request's correlation id.
    pub trace_id: String,
}

/// Why a request was not done.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Box<ProblemBody>,
    /// For the log only.
    cause: String,
}

impl Problem {
    /// A problem of this status and code.
    pub fn of(status: StatusCode, code: &str, title: &str, detail: &str) -> Self {
        let body = ProblemBody {
            kind: format!("urn:oms:problem:{}", code.to_ascii_lowercase().replace('_', "-")),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.to_owned(),
            code: code.to_owned(),
            ..ProblemBody::default()
        };
        Problem { status, headers: Vec::new(), body: Box::new(body), cause: String::new() }
    }

    /// 400: it cannot be understood.
    pub fn malformed(detail: &str) -> Self {
        Problem::of(StatusCode::BAD_REQUEST, "malformed_request", "Malformed request", detail)
    }

    /// 422: it breaks rules, each with its place.
    pub fn invalid(fields: Vec<Field>) -> Self {
        let detail = "the request is well-formed but invalid; see `errors`";
        let problem = Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", "Validation failed", detail);
        fields.into_iter().fold(problem, Problem::at)
    }

    /// 401.
    pub fn unauthenticated(detail: &str) -> Self {
        Problem::of(StatusCode::UNAUTHORIZED, "unauthenticated", "Unauthenticated", detail)
    }

    /// 403.
    pub fn forbidden(detail: &str) -> Self {
        Problem::of(StatusCode::FORBIDDEN, "forbidden", "Forbidden", detail)
    }

    /// 404, the same for what is missing and for what is not the caller's (O12).
    pub fn not_found() -> Self {
        Problem::of(StatusCode::NOT_FOUND, "not_found", "Not found", "not found, or not visible to you")
    }

    /// 500 with the cause kept for the log.
    pub fn internal(cause: &str) -> Self {
        let detail = "something went wrong on our side; the error is logged under `trace_id`";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Problem { cause: cause.to_owned(), ..Problem::of(status, "internal_error", "Internal error", detail) }
    }

    fn unavailable(cause: &str) -> Self {
        let detail = "the service is temporarily unavailable; nothing was lost, please try again shortly";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let problem = Problem::of(status, "unavailable", "Unavailable", detail);
        Problem { cause: cause.to_owned(), ..problem }
    }

    fn conflict(code: &str, title: &str, detail: &str) -> Self {
        Problem::of(StatusCode::CONFLICT, code, title, detail)
    }

    fn retry_later(self) -> Self {
        self.retry_after(RETRY_AFTER_SECONDS)
    }

    fn retry_after(mut self, seconds: u32) -> Self {
        self.headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        self
    }

    /// Names a wrong part.
    #[must_use]
    pub fn at(mut self, field: Field) -> Self {
        self.body.errors.push(field.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.body.code
    }

    /// The wrong parts.
    pub fn errors(&self) -> &[ProblemField] {
        &self.body.errors
    }

    /// What the log should know and the client should not.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    pub(crate) fn into_parts(self, trace_id: &str) -> (StatusCode, Vec<(HeaderName, HeaderValue)>, String) {
        let mut body = self.body;
        trace_id.clone_into(&mut body.trace_id);
        let mut headers = self.headers;
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        // A problem is plain text fields: it always has a JSON form.
        (self.status, headers, serde_json::to_string(&body).unwrap_or_default())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Problem::not_found(),
            Error::Forbidden(why) => Problem::forbidden(why),
            Error::NotInGoodStanding => Problem::forbidden("this account cannot place orders; please contact the shop"),
            Error::RateLimited { limit, retry_after_seconds } => limited(limit, retry_after_seconds),
            Error::Invalid(fields) => Problem::invalid(fields),
            Error::Malformed(why) => Problem::malformed(&why),
            Error::Address(fields) => {
                let detail = "the address is not valid; correct the fields listed in `errors`";
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                fields.into_iter().fold(Problem::of(status, "ORD-1002", "Invalid address", detail), Problem::at)
            }
            Error::ProductsUnavailable { refused, alternatives } => unavailable_products(&refused, &alternatives),
            Error::StockTaken => {
                let detail = "other customers took the stock while you were ordering; review your cart and try again";
                Problem::conflict("ORD-2002", "Stock no longer available", detail)
            }
            Error::PriceChanged(changes) => price_changed(&changes),
            Error::TotalChanged(change) => total_changed(&change),
            Error::DifferenceChanged(change, difference) => difference_changed(&change, difference),
            Error::PromotionUsedUp(field) => {
                let detail = "a promotion has reached its usage limit; order without it";
                Problem::conflict("promotion_used_up", "Promotion used up", detail).at(field)
            }
            Error::DuplicateOrder(id) => duplicate_order(&id.to_string()),
            Error::SkuTaken(id) => {
                let problem = Problem::conflict(
                    "duplicate_sku",
                    "Duplicate SKU",
                    "the seller already has a product with this SKU",
                );
                problem.at(Field::new("/sku", format!("is already used by product {id}")))
            }
            Error::InsufficientStock(stock) => insufficient_stock(&stock),
            Error::Refused(refusal) => refused(&refusal),
            Error::VersionConflict { current } => {
                let detail = format!("the current version is {current}; reload before making changes");
                Problem::of(StatusCode::PRECONDITION_FAILED, "version_conflict", "Version conflict", &detail)
            }
            Error::IdempotencyMismatch => {
                let detail = "this Idempotency-Key was already used for a different request; use a new key";
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Problem::of(status, "idempotency_mismatch", "Idempotency key already used", detail)
            }
            Error::PaymentRefused(cause) => {
                let detail = "the provider declined the payment; try again or choose another payment method";
                let problem = Problem::of(StatusCode::PAYMENT_REQUIRED, "ORD-2001", "Payment failed", detail);
                Problem { cause, ..problem }
            }
            Error::ProviderDown { provider, others, retry_after_seconds, recorded, cause } => {
                let pause = retry_after_seconds.and_then(|seconds| seconds.try_into().ok());
                let problem = provider_down(&provider, &others, recorded, cause);
                problem.retry_after(pause.unwrap_or(PROVIDER_RETRY_AFTER_SECONDS))
            }
            Error::ProviderBusy { retry_after_seconds, cause } => Problem::unavailable(&cause)
                .retry_after(retry_after_seconds.try_into().unwrap_or(PROVIDER_RETRY_AFTER_SECONDS)),
            Error::LabelRefused(why) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Problem::of(status, "label_refused", "Label refused", &format!("the carrier refuses: {why}"))
            }
            Error::CarrierDown { carrier, retry_after_seconds, cause } => {
                let detail = format!("{carrier} is unavailable right now; nothing was bought, please try again later");
                let pause = retry_after_seconds.and_then(|seconds| seconds.try_into().ok());
                let problem =
                    Problem::of(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Carrier unavailable", &detail);
                Problem { cause, ..problem }.retry_after(pause.unwrap_or(PROVIDER_RETRY_AFTER_SECONDS))
            }
            Error::Signature(cause) => Problem { cause, ..Problem::unauthenticated("the signature is not valid") },
            Error::Contended => {
                let detail = "someone else is making changes at the same time; reload and try again";
                Problem::conflict("version_conflict", "Version conflict", detail)
            }
            Error::ServiceUnavailable(cause) => Problem::unavailable(&cause).retry_later(),
            Error::Internal(cause) => Problem::internal(&cause),
        }
    }
}

/// 429: of what there was too much; `Retry-After` says until when.
fn limited(limit: Limit, retry_after_seconds: u32) -> Problem {
    let detail = match limit {
        Limit::Orders => "too many orders in a short time; please try again later".to_owned(),
        Limit::OpenOrders(orders) => format!("{orders} orders wait for payment; pay or cancel one of them first"),
        Limit::UnknownCodes => "too many promotion codes that do not exist; please try again later".to_owned(),
        Limit::Payments => "too many payments in a short time; please try again later".to_owned(),
        Limit::Messages => "too many messages to one recipient; please try again later".to_owned(),
        Limit::CarrierRates => "too many questions about carriers' prices; please try again later".to_owned(),
    };
    let problem = Problem::of(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests", &detail);
    problem.retry_after(retry_after_seconds)
}

/// Says what can be done meanwhile: wait for our message, or pay elsewhere.
fn provider_down(provider: &str, others: &[String], recorded: bool, cause: String) -> Problem {
    let mut detail = format!("{provider} is unavailable right now; you have not been charged");
    if recorded {
        detail.push_str("; we will keep trying and let you know when you can pay");
    }
    if !others.is_empty() {
        detail.push_str("; you can also pay with: ");
        detail.push_str(&others.join(", "));
    }
    let problem = Problem::of(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Payment provider unavailable", &detail);
    Problem { cause, ..problem }
}

fn insufficient_stock(stock: &Stock) -> Problem {
    let detail = format!(
        "units available: {}, on hold: {}, damaged: {}; no stock was moved",
        stock.available, stock.on_hold, stock.damaged
    );
    Problem::conflict("insufficient_stock", "Insufficient stock", &detail)
        .at(Field::new("/quantity", "exceeds the stock"))
}

fn refused(refusal: &Refusal) -> Problem {
    let detail = refusal.to_string();
    match refusal {
        Refusal::NoSuchOffer
        | Refusal::UnknownPayment
        | Refusal::UnknownRefund
        | Refusal::UnknownShipment
        | Refusal::UnknownReturn
        | Refusal::UnknownHold => Problem::not_found(),
        Refusal::ReturnWindowOver { .. } | Refusal::FinalSale(_) | Refusal::PhotoNeeded(_) => {
            Problem::conflict("return_not_allowed", "Return not allowed", &detail)
        }
        Refusal::NothingNamed | Refusal::UnknownLine(_) | Refusal::TooManyUnits { .. } => {
            Problem::invalid(vec![Field::new("/lines", detail)])
        }
        Refusal::ParcelCount(_) => Problem::invalid(vec![Field::new("/tracking", detail)]),
        Refusal::NotByHand(_) => Problem::invalid(vec![Field::new("/reason", detail)]),
        Refusal::EmptyRefund | Refusal::RefundTooLarge { .. } => Problem::invalid(vec![Field::new("", detail)]),
        Refusal::TooMuchShipping { .. } => Problem::invalid(vec![Field::new("/shipping", detail)]),
        Refusal::Outdated | Refusal::OtherLines => Problem::conflict("version_conflict", "Version conflict", &detail),
        Refusal::BelowNothing => Problem::invalid(vec![Field::new("/custom_lines", detail)]),
        Refusal::InvalidTransition { .. }
        | Refusal::TooManyChanges(_)
        | Refusal::TooLateToChange { .. }
        | Refusal::NothingLeft
        | Refusal::NothingIsAdded
        | Refusal::AddressInUse
        | Refusal::OtherTaxes
        | Refusal::TaxesSettled
        | Refusal::ShipmentStands { .. }
        | Refusal::ReturnStands { .. }
        | Refusal::TooManyReturns(_)
        | Refusal::NothingLost
        | Refusal::TooManyShipments(_)
        | Refusal::TooManyWithNumber(_)
        | Refusal::TooMuchAtOnce
        | Refusal::TooManyHolds(_)
        | Refusal::TooManyNotes(_)
        | Refusal::HasLabel(_)
        | Refusal::NoLabel
        | Refusal::TooManyLabels(_)
        | Refusal::NoOrigin(_)
        | Refusal::PersonErased
        | Refusal::TooManyRefunds { .. }
        | Refusal::OnHold(_)
        | Refusal::MoneyIsBack
        | Refusal::PaymentUnderWay { .. }
        | Refusal::PartlyShipped
        | Refusal::UnderReview
        | Refusal::NotDue { .. }
        | Refusal::HoldExpired { .. }
        | Refusal::DraftExpired { .. }
        | Refusal::TooManyAttempts(_)
        | Refusal::PaymentMismatch
        | Refusal::HistoryFull => Problem::conflict("invalid_transition", "Invalid transition", &detail),
    }
}

fn unavailable_products(refused: &[NotOrderable], alternatives: &[Product]) -> Problem {
    let detail = "some products in the cart cannot be ordered; see `errors` and `alternatives`";
    let mut problem = Problem::conflict("ORD-1001", "Product not available", detail);
    problem.body.alternatives = Some(alternatives.iter().map(Alternative::of).collect());
    refused.iter().map(unavailable_field).fold(problem, Problem::at)
}

fn price_changed(changes: &[PriceChange]) -> Problem {
    let detail = "prices have changed and nothing was ordered; see `errors` for current prices";
    let problem = Problem::conflict("price_changed", "Price changed", detail);
    changes.iter().map(price_field).fold(problem, Problem::at)
}

fn total_changed(change: &TotalChange) -> Problem {
    let detail = "the order costs something else now and nothing was ordered; to accept it, send `expected_total` anew";
    let mut problem = Problem::conflict("total_changed", "Total changed", detail);
    let (terms, total) = (&change.terms, Money::new(change.terms.totals.total, change.terms.currency));
    problem.body.totals = Some(TotalsView::of(&terms.totals, terms.currency));
    let fields = change.prices.iter().map(price_field).chain(change.lapsed.iter().cloned());
    fields.fold(problem.at(Field::new("/expected_total", format!("the total is now {total}"))), Problem::at)
}

fn difference_changed(change: &TotalChange, difference: Money) -> Problem {
    let detail = "the change comes to something else and was not made; to accept it, send `expected_difference` anew";
    let mut problem = Problem::conflict("difference_changed", "Difference changed", detail);
    problem.body.totals = Some(TotalsView::of(&change.terms.totals, change.terms.currency));
    problem.at(Field::new("/expected_difference", format!("the difference is now {difference}")))
}

fn duplicate_order(id: &str) -> Problem {
    let detail = "an order for the same cart is already waiting for payment; send an Idempotency-Key to order it again";
    let mut problem = Problem::conflict("duplicate_order", "Duplicate order", detail);
    problem.body.order_id = Some(id.to_owned());
    let link = format!("</api/orders/{id}>; rel=\"related\"");
    problem.headers.extend(HeaderValue::from_str(&link).ok().map(|value| (header::LINK, value)));
    problem
}
