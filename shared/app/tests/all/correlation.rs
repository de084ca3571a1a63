//! Which request a piece of work belongs to.

use oms_app::platform::correlation::{current, on_behalf_of};

#[tokio::test]
async fn each_piece_of_work_knows_its_own() {
    assert_eq!(current(), None);
    let inner = on_behalf_of("outer", async {
        assert_eq!(current().as_deref(), Some("outer"));
        on_behalf_of("inner", async { current() }).await
    });
    assert_eq!(inner.await.as_deref(), Some("inner"));
    assert_eq!(current(), None);
}
