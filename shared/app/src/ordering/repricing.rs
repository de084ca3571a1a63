//! What a change makes of the terms of an order that was submitted (C5).
//!
//! 1. What was sold keeps price, tax and share of the discount; units that are taken out take their share with them.
//! 2. What is added is a line of its own at the price, tax and promotions of the moment. Only percentages count for it: a fixed
//!    amount was taken off what was sold.
//! 3. Shipping is priced anew where the tables of the moment make a difference between the parcel before and after, or
//!    somebody chose another method.
//! 4. All taxes are assessed anew only where the order goes to other taxes; all promotions only where an unpaid order gets other codes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use oms_domain::catalog::Product;
use oms_domain::ids::ProductId;
use oms_domain::money::{Amount, Currency, Money};
use oms_domain::ordering::address::Destination;
use oms_domain::ordering::{Extra, Line, MAX_EXTRAS, MAX_LINES, Order, Refusal, Terms, Words};
use oms_domain::pricing::promotion::{Applied, Benefit, Goods, Outcome, Promotion, PromotionTable, Use};
use oms_domain::pricing::shipping::Parcel;
use oms_domain::pricing::{Item as Taxed, SHIPPING_TAX_CLASS, STANDARD_TAX_CLASS, TaxTable, Totals};

use crate::catalog::catalog_cache::Quoted;
use crate::error::{Error, Field, NotOrderable};
use crate::ordering::cart::{
    Cart, CartIssue, Merged, ShippingOption, UNKNOWN_STATE, left, options, priced_line, sellable, weight_grams,
};
use crate::ordering::offered_rates::CarrierPrices;
use crate::ports::{TaxCalculator, Taxable};

/// What is to become of an order, by its own numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Units that are taken out of lines.
    pub(crate) out: BTreeMap<u16, u32>,
    /// What is added.
    pub(crate) added: Vec<Merged>,
    /// Extras that go.
    pub(crate) dropped: Vec<u16>,
    pub(crate) extras: Vec<NewExtra>,
    /// Another shipping method.
    pub(crate) shipping_method: Option<String>,
    /// Other promotion codes.
    pub(crate) promotion_codes: Option<Vec<String>>,
    /// The shop bears what the change costs.
    pub(crate) waived: bool,
}

/// What staff charge, or take off.
#[derive(Debug, Clone)]
pub(crate) struct NewExtra {
    pub(crate) amount: Amount,
    pub(crate) tax_class: Option<String>,
}

/// The facts that the terms are worked out from.
pub(crate) struct Facts<'a> {
    pub(crate) order: &'a Order,
    pub(crate) quoted: &'a Quoted,
    pub(crate) taxes: &'a dyn TaxCalculator,
    /// Where the order goes, and where it will go.
    pub(crate) from: Destination,
    pub(crate) to: Destination,
    /// Promotions that are known to be used up.
    pub(crate) used_up: &'a [String],
    /// Units of a product that an order may have; nothing for staff.
    pub(crate) units_per_product: Option<u32>,
    pub(crate) at: Timestamp,
}

/// Terms after a change, and what keeps it from being made.
pub(crate) struct Repriced {
    pub(crate) terms: Terms,
    /// Uses of promotions that are limited, where the codes are others.
    pub(crate) limits: Option<Vec<(Use, u32)>>,
    pub(crate) issues: Vec<CartIssue>,
}

const WAIVED: &str = "waived";

impl Facts<'_> {
    fn product(&self, line: &Line) -> Option<&Product> {
        self.quoted.products.get(&line.product_id)
    }

    fn class(&self, line: &Line) -> &str {
        self.product(line).map_or(STANDARD_TAX_CLASS, |product| &product.tax_class)
    }

    fn tax_table(&self) -> &TaxTable {
        self.quoted.rates.taxes.at(self.at)
    }

    fn taxed<'b>(&'b self, lines: &'b [Line]) -> Vec<Taxed<'b>> {
        let item = |line: &'b Line| Taxed {
            quantity: line.quantity,
            price: line.price,
            discount: line.discount,
            tax_class: self.class(line),
        };
        lines.iter().map(item).collect()
    }

    fn goods<'b>(&'b self, lines: &'b [Line]) -> Vec<Goods<'b>> {
        let goods = |line: &'b Line| Goods {
            product_id: line.product_id,
            category: self.product(line).map_or("", |product| &product.category),
            subtotal: line.subtotal(),
        };
        lines.iter().map(goods).collect()
    }

    /// The methods that would bring these lines there, by the tables of the moment.
    fn ways(&self, lines: &[Line], to: &Destination, promotions: &Outcome) -> Vec<ShippingOption> {
        let weight = |line: &Line| self.product(line).map_or(0, weight_grams) * u64::from(line.comes());
        let parcel = Parcel {
            destination: to,
            currency: self.order.currency,
            weight_grams: lines.iter().map(weight).sum(),
            value: lines.iter().map(|line| line.price.times(line.comes())).sum(),
            carrier_prices: &CarrierPrices::new(),
        };
        options(&parcel, self.quoted.rates.shipping.at(self.at), promotions, self.at)
    }

    /// Whether other taxes are due where the order goes.
    fn other_taxes(&self) -> bool {
        let table = self.tax_table();
        let lines = self.order.lines.iter().map(|line| self.class(line));
        let extras = self.order.extras.iter().map(|extra| extra.tax_class.as_deref().unwrap_or(STANDARD_TAX_CLASS));
        let classes = lines.chain(extras).chain([STANDARD_TAX_CLASS, SHIPPING_TAX_CLASS]);
        let differs = |class: &str| table.rate(&self.from, class) != table.rate(&self.to, class);
        let included = |to: &Destination| table.included.contains(&to.country);
        included(&self.from) != included(&self.to) || classes.into_iter().any(differs)
    }
}

/// The codes that were asked for, of those in force.
fn codes(order: &Order, table: &PromotionTable) -> Vec<String> {
    let automatic = |code: &String| table.promotions.iter().any(|own| own.code == *code && own.automatic);
    order.promotions.iter().filter(|code| !automatic(code)).cloned().collect()
}

/// Works out the terms. Refused are changes that no terms can make lawful; everything else that is wrong is an issue.
pub(crate) async fn reprice(facts: &Facts<'_>, wanted: &Wanted) -> Result<Repriced, Error> {
    let order = facts.order;
    let mut issues = Vec::new();
    let mut lines: Vec<Line> = Vec::with_capacity(order.lines.len() + wanted.added.len());
    for line in &order.lines {
        let out = wanted.out.get(&line.line).copied().unwrap_or(0).min(line.quantity);
        let kept = if out == 0 { line.clone() } else { order.without(line, out) };
        lines.extend((kept.quantity > 0).then_some(kept));
    }
    let kept = lines.len();
    lines.extend(added(facts, wanted, &mut issues));
    if lines.len() > MAX_LINES {
        let message = format!("the order would have more than {MAX_LINES} lines");
        issues.push(CartIssue::Invalid(Field::new("/add", message)));
    }
    issues.extend(too_many(facts, &lines, kept));
    issues.extend(not_sold_there(facts, &lines[..kept]));
    let retax = facts.other_taxes();
    if retax {
        taxes_are_open(order)?;
    }
    let taxes_in_prices = facts.tax_table().included.contains(&facts.to.country);
    if !retax && lines.len() > kept && taxes_in_prices != order.totals.tax_included {
        return Err(Refusal::OtherTaxes.into());
    }
    let included = if retax { taxes_in_prices } else { order.totals.tax_included };
    let promotions = discounts(facts, wanted, &mut lines, kept, &mut issues);
    let recode = wanted.promotion_codes.is_some();
    let shipping = shipping(facts, wanted, &lines, &promotions, recode, &mut issues);
    assess(facts, &mut lines, if retax || recode { 0 } else { kept }).await?;
    let shipping_tax = if shipping.moved || retax || recode {
        let items = facts.taxed(&lines);
        let taxable = Taxable { items: &items, shipping: shipping.price, destination: &facts.to };
        facts.taxes.assess(taxable, facts.tax_table()).await?.shipping
    } else {
        shipping_tax(order)
    };
    let mut extras: Vec<Extra> = extras(facts, wanted, retax, included, &lines);
    if extras.len() > MAX_EXTRAS {
        issues.push(CartIssue::Invalid(Field::new("/custom_lines", format!("must come to at most {MAX_EXTRAS}"))));
    }
    let mut totals = sums(&lines, &extras, shipping.price, shipping_tax, included);
    let dearer = totals.total - order.totals.total;
    if wanted.waived && dearer.is_positive() {
        extras.push(waiver(facts, dearer, included, number_behind(order, &lines, &extras)));
        totals = sums(&lines, &extras, shipping.price, shipping_tax, included);
    }
    let limits = recode.then(|| promotions.applied.iter().flat_map(Applied::limits).collect::<Vec<_>>());
    let terms = Terms {
        currency: order.currency,
        shipping_method: shipping.method,
        delivery: shipping.delivery,
        lines,
        totals,
        promotions: in_force(order, &promotions, recode),
        uses: limits.as_ref().map_or(order.uses.clone(), |limits| limits.iter().map(|(own, _)| own.clone()).collect()),
        extras,
        return_terms: order.return_terms.clone(),
    };
    Ok(Repriced { terms, limits, issues })
}

/// Money that went back was reckoned by the taxes of then.
fn taxes_are_open(order: &Order) -> Result<(), Error> {
    let refunded = order.lines.iter().any(|line| line.refunded > 0 || line.withdrawn > 0);
    let settled = refunded || order.extras.iter().any(|extra| extra.waiver) || ships_back(order);
    if settled { Err(Refusal::TaxesSettled.into()) } else { Ok(()) }
}

/// Whether shipping, or some of it, was given back.
fn ships_back(order: &Order) -> bool {
    let parts = order.ledger.refunds.iter().filter_map(|refund| refund.part.as_ref());
    parts.map(|part| part.shipping).sum::<Amount>().is_positive()
}

fn shipping_tax(order: &Order) -> Amount {
    let lines: Amount = order.lines.iter().map(|line| line.tax).sum();
    order.totals.tax - lines - order.extras.iter().map(|extra| extra.tax).sum()
}

/// The lines of what is added, as far as it can be sold; taxes are assessed later.
fn added(facts: &Facts<'_>, wanted: &Wanted, issues: &mut Vec<CartIssue>) -> Vec<Line> {
    let carrier_prices = CarrierPrices::new();
    let cart = Cart {
        items: &wanted.added,
        destination: &facts.to,
        shipping_method: None,
        carrier_prices: &carrier_prices,
        promotion_codes: &[],
        used_up: &[],
        currency: None,
        units_per_product: None,
        at: facts.at,
    };
    let mut found = Vec::new();
    let products = sellable(&cart, facts.quoted, &mut found);
    issues.extend(found.into_iter().map(at_add));
    let currency = facts.order.currency;
    let (same, other): (Vec<_>, Vec<_>) = products.into_iter().partition(|(_, product)| product.currency == currency);
    issues.extend(other.into_iter().map(|(item, product)| {
        let message = format!("is sold in {} but the order is in {currency}; order it separately", product.currency);
        CartIssue::Invalid(Field::new(format!("/add/{}/product_id", item.position), message))
    }));
    let numbers = facts.order.next_line()..;
    let line = |(number, (item, product)): (u16, (&Merged, &Product))| {
        let taxed = Taxed {
            quantity: item.quantity,
            price: product.price,
            discount: Amount::ZERO,
            tax_class: &product.tax_class,
        };
        priced_line(number, product, &taxed, Amount::ZERO)
    };
    numbers.zip(same).map(line).collect()
}

/// A cart's issue at its place in a change.
fn at_add(issue: CartIssue) -> CartIssue {
    let moved = |pointer: &str| pointer.replacen("/items/", "/add/", 1);
    match issue {
        CartIssue::Unavailable(refused) => {
            CartIssue::Unavailable(NotOrderable { pointer: moved(&refused.pointer), ..refused })
        }
        CartIssue::PriceChanged(mut change) => {
            change.pointer = moved(&change.pointer);
            CartIssue::PriceChanged(change)
        }
        CartIssue::Invalid(field) => CartIssue::Invalid(Field { pointer: moved(&field.pointer), ..field }),
        CartIssue::Promotion(..) | CartIssue::Address(_) => issue,
    }
}

/// Products of which the order would have more than one order may.
fn too_many(facts: &Facts<'_>, lines: &[Line], kept: usize) -> Vec<CartIssue> {
    let mut issues = Vec::new();
    for line in &lines[kept..] {
        let most = facts.product(line).and_then(|product| product.max_per_order).or(facts.units_per_product);
        let Some(most) = most.filter(|_| facts.units_per_product.is_some()) else { continue };
        let same = lines.iter().filter(|own| own.product_id == line.product_id);
        if same.map(Line::comes).sum::<u32>() > most {
            let message = format!("must come to at most {most} of product {} in one order", line.product_id);
            issues.push(CartIssue::Invalid(Field::new("/add", message)));
        }
    }
    issues
}

/// What is in the order and must not go where it is to go.
fn not_sold_there(facts: &Facts<'_>, kept: &[Line]) -> Vec<CartIssue> {
    let mut issues = Vec::new();
    if facts.from.country != facts.to.country {
        for line in kept {
            if facts.product(line).is_some_and(|product| !product.sold_to(&facts.to.country)) {
                let message = format!("product {} is not sold in this country", line.product_id);
                issues.push(CartIssue::Address(Field::new("/shipping_address/country", message)));
            }
        }
    }
    if facts.from != facts.to && facts.tax_table().cannot_place(&facts.to) {
        issues.push(CartIssue::Address(Field::new("/shipping_address/state", UNKNOWN_STATE)));
    }
    issues
}

/// What promotions take off the lines: all of them where the codes are others, else those that are added.
fn discounts(
    facts: &Facts<'_>,
    wanted: &Wanted,
    lines: &mut [Line],
    kept: usize,
    issues: &mut Vec<CartIssue>,
) -> Outcome {
    let (order, table) = (facts.order, facts.quoted.rates.promotions.at(facts.at));
    let table = left(facts.used_up, table);
    if let Some(given) = &wanted.promotion_codes {
        let outcome = table.apply(given, &facts.goods(lines), order.currency, facts.at);
        issues.extend(outcome.rejected.iter().map(|(place, rejection)| {
            let field = Field::new(format!("/promotion_codes/{place}"), rejection);
            CartIssue::Promotion(field, rejection.clone())
        }));
        for (line, discount) in lines.iter_mut().zip(&outcome.line_discounts) {
            line.discount = *discount;
        }
        return outcome;
    }
    let codes = codes(order, &table);
    let outcome = table.apply(&codes, &facts.goods(lines), order.currency, facts.at);
    // A use of a limited promotion was counted for the order when it was placed, or is not counted at all.
    let counts = |own: &Promotion| {
        let known = order.promotions.contains(&own.code);
        let limited = own.max_uses.is_some() || own.max_uses_per_customer.is_some();
        matches!(own.benefit, Benefit::Percentage { .. }) && (known || (own.automatic && !limited))
    };
    let percentages =
        PromotionTable { promotions: table.promotions.iter().filter(|own| counts(own)).cloned().collect() };
    let of_added = percentages.apply(&codes, &facts.goods(lines), order.currency, facts.at);
    for (line, discount) in lines.iter_mut().zip(&of_added.line_discounts).skip(kept) {
        line.discount = *discount;
    }
    let applied = if lines.len() > kept { of_added.applied } else { Vec::new() };
    Outcome { applied, ..outcome }
}

/// The codes in force after the change.
fn in_force(order: &Order, promotions: &Outcome, recode: bool) -> Vec<String> {
    let applied = promotions.applied.iter().map(|own| own.promotion.code.clone());
    if recode {
        return applied.collect();
    }
    let mut codes = order.promotions.clone();
    codes.extend(applied.filter(|code| !order.promotions.contains(code)));
    codes
}

struct Shipping {
    method: String,
    price: Amount,
    delivery: Option<oms_domain::pricing::dispatch::Delivery>,
    /// It costs something else than before, or goes another way.
    moved: bool,
}

fn shipping(
    facts: &Facts<'_>,
    wanted: &Wanted,
    lines: &[Line],
    promotions: &Outcome,
    recode: bool,
    issues: &mut Vec<CartIssue>,
) -> Shipping {
    let order = facts.order;
    let as_it_was = || Shipping {
        method: order.shipping_method.clone(),
        price: order.totals.shipping,
        delivery: order.delivery.clone(),
        moved: false,
    };
    // What has left, or was given back, is not priced again.
    if order.is_partly_shipped() || ships_back(order) {
        if wanted.shipping_method.as_ref().is_some_and(|method| *method != order.shipping_method) {
            let message = "cannot be changed any more: some of the order has left, or shipping was refunded";
            issues.push(CartIssue::Invalid(Field::new("/shipping_method", message)));
        }
        return as_it_was();
    }
    let method = wanted.shipping_method.as_ref().unwrap_or(&order.shipping_method);
    let after = facts.ways(lines, &facts.to, promotions);
    let found = after.iter().find(|way| way.code == *method);
    let table = left(facts.used_up, facts.quoted.rates.promotions.at(facts.at));
    let of_before = table.apply(&codes(order, &table), &facts.goods(&order.lines), order.currency, facts.at);
    let before = facts.ways(&order.lines, &facts.from, &of_before);
    let was = before.iter().find(|way| way.code == order.shipping_method);
    let same_way = *method == order.shipping_method;
    let same_price = was.map(|way| way.price) == found.map(|way| way.price);
    if same_way && same_price && !recode {
        return as_it_was();
    }
    let Some(found) = found else {
        let message = "is not available for this destination, currency and weight";
        issues.push(CartIssue::Invalid(Field::new("/shipping_method", message)));
        return as_it_was();
    };
    // A carrier's price that was promised for this parcel stays where the tables see no difference.
    let price = if same_way && same_price { order.totals.shipping } else { found.price };
    let delivery = if same_way { order.delivery.clone() } else { found.delivery.clone() };
    Shipping { method: found.code.clone(), price, delivery, moved: true }
}

/// The taxes of the lines from a place on.
async fn assess(facts: &Facts<'_>, lines: &mut [Line], from: usize) -> Result<(), Error> {
    let Some((_, anew)) = lines.split_at_checked(from).filter(|(_, anew)| !anew.is_empty()) else { return Ok(()) };
    let taxes = {
        let items = facts.taxed(anew);
        let taxable = Taxable { items: &items, shipping: Amount::ZERO, destination: &facts.to };
        facts.taxes.assess(taxable, facts.tax_table()).await?
    };
    for (line, tax) in lines.iter_mut().skip(from).zip(taxes.lines) {
        line.tax = tax;
        // What each of its units is worth follows from the taxes of now.
        if from == 0 {
            (line.removed, line.sold) = (0, None);
        }
    }
    Ok(())
}

fn extra_tax(facts: &Facts<'_>, class: Option<&str>, amount: Amount, included: bool) -> Amount {
    let rate = facts.tax_table().rate(&facts.to, class.unwrap_or(STANDARD_TAX_CLASS));
    if included { amount.part_at_rate(rate) } else { amount.times_rate(rate) }
}

fn extras(facts: &Facts<'_>, wanted: &Wanted, retax: bool, included: bool, lines: &[Line]) -> Vec<Extra> {
    let stays = facts.order.extras.iter().filter(|extra| !wanted.dropped.contains(&extra.number));
    let stays = stays.map(|extra| {
        let tax = if retax { extra_tax(facts, extra.tax_class.as_deref(), extra.amount, included) } else { extra.tax };
        Extra { tax, ..extra.clone() }
    });
    let mut extras: Vec<Extra> = stays.collect();
    for new in &wanted.extras {
        let number = number_behind(facts.order, lines, &extras);
        let tax = extra_tax(facts, new.tax_class.as_deref(), new.amount, included);
        let (amount, tax_class, text) = (new.amount, new.tax_class.clone(), Words::default());
        extras.push(Extra { number, text, amount, tax, tax_class, waiver: false });
    }
    extras
}

/// The next number behind those that the change has given.
fn number_behind(order: &Order, lines: &[Line], extras: &[Extra]) -> u16 {
    let given = lines.iter().map(|line| line.line).chain(extras.iter().map(|extra| extra.number)).max().unwrap_or(0);
    order.next_line().max(given.saturating_add(1))
}

/// Takes off what a change costs, its tax with it.
fn waiver(facts: &Facts<'_>, dearer: Amount, included: bool, number: u16) -> Extra {
    let rate = facts.tax_table().rate(&facts.to, STANDARD_TAX_CLASS);
    let tax = dearer.part_at_rate(rate);
    let net = if included { dearer } else { dearer - tax };
    let below = |amount: Amount| Amount::ZERO - amount;
    Extra { number, text: Words::default(), amount: below(net), tax: below(tax), tax_class: None, waiver: true }
}

/// The sums of these lines by the one formula.
fn sums(lines: &[Line], extras: &[Extra], shipping: Amount, shipping_tax: Amount, tax_included: bool) -> Totals {
    let subtotal = lines.iter().map(Line::subtotal).sum();
    let discount = lines.iter().map(|line| line.discount).sum();
    let of_extras = extras.iter().map(|extra| extra.amount).sum();
    let taxes = lines.iter().map(|line| line.tax).chain(extras.iter().map(|extra| extra.tax));
    let tax = taxes.sum::<Amount>() + shipping_tax;
    let added = if tax_included { Amount::ZERO } else { tax };
    let total = subtotal - discount + of_extras + shipping + added;
    Totals { subtotal, discount, extras: of_extras, shipping, tax, tax_included, total }
}

/// The versions of the catalog entries that added units are priced by.
pub(crate) fn versions(quoted: &Quoted, added: &[Merged]) -> BTreeMap<ProductId, u64> {
    let products = added.iter().filter_map(|item| quoted.products.get(&item.product_id));
    products.map(|product| (product.id, product.version)).collect()
}

/// What the customer reads of a waived difference, where nobody said more.
pub(crate) const fn waived() -> &'static str {
    WAIVED
}

/// Reads an amount that may be below zero.
pub(crate) fn signed(text: &str, currency: Currency, pointer: String) -> Result<Amount, Field> {
    Money::parse(text, currency).map(|money| money.amount).map_err(|error| Field::new(pointer, error))
}
