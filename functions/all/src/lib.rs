//! Every function of the system by its name, for places that run all of them: the local cloud, the simulator, tests.

use oms_app::world::{LabelWorld, Misconfigured, PaymentWorld};
use oms_runtime::{Function, Wired};
use utoipa::OpenApi;

/// All functions by the names of their binaries, context by context.
pub fn functions<W: PaymentWorld + LabelWorld>() -> impl Iterator<Item = (&'static str, Wired<W>)> {
    std::iter::empty()
        .chain(catalog::functions())
        .chain(customers::functions())
        .chain(fulfilment::functions())
        .chain(insights::functions())
        .chain(messaging::functions())
        .chain(ordering::functions())
        .chain(payments::functions())
        .chain(platform::functions())
        .chain(pricing::functions())
        .chain(returns::functions())
}

/// The function of this name, wired for a place.
pub fn wired<W: PaymentWorld + LabelWorld>(name: &str, world: &W) -> Result<Function, Misconfigured> {
    let found = functions().find(|(known, _)| *known == name);
    let (_, wired) = found.ok_or_else(|| Misconfigured(format!("there is no function {name}")))?;
    wired(world)
}

/// The routes of each context.
pub fn contexts() -> Vec<(&'static str, utoipa::openapi::OpenApi)> {
    vec![
        ("catalog", catalog::Routes::openapi()),
        ("customers", customers::Routes::openapi()),
        ("fulfilment", fulfilment::Routes::openapi()),
        ("ordering", ordering::Routes::openapi()),
        ("payments", payments::Routes::openapi()),
        ("platform", platform::Routes::openapi()),
        ("pricing", pricing::Routes::openapi()),
        ("returns", returns::Routes::openapi()),
    ]
}

/// The routes of all functions.
pub fn routes() -> utoipa::openapi::OpenApi {
    contexts().into_iter().fold(utoipa::openapi::OpenApi::default(), |all, (_, routes)| all.merge_from(routes))
}
