//! Where a key may be sent.

use url::{Host, Url};

/// Whether nobody between us and this address could read the key that we send there.
pub fn is_private(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let here = match url.host() {
        Some(Host::Ipv4(host)) => host.is_loopback(),
        Some(Host::Ipv6(host)) => host.is_loopback(),
        // A name can be made to mean another machine.
        Some(Host::Domain(_)) | None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_where_nobody_can_read_it_on_the_way() {
        for private in ["https://carrier.example", "https://carrier.example/a/b", "http://127.0.0.1:1", "http://[::1]"]
        {
            assert!(is_private(private), "{private}");
        }
        for open in ["http://carrier.example", "http://localhost:1", "http://10.0.0.1", "ftp://127.0.0.1", "", "x"] {
            assert!(!is_private(open), "{open}");
        }
    }
}
