use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::IpAddr;

use futures::future::BoxFuture;

/// Finds the addresses of a host. Replaceable, so that a test can send a name to loopback.
pub trait Resolve: Send + Sync + fmt::Debug {
    /// Every address of `host` in the order of preference; an error or an empty list when there is none.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver (getaddrinfo), which knows hosts files, search domains and VPNs.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            Ok(tokio::net::lookup_host((host, 0))
                .await?
                .map(|address| address.ip())
                .collect())
        })
    }
}

/// Known names first, the operating system for the rest.
#[derive(Clone, Debug, Default)]
pub struct FixedResolver {
    addresses: HashMap<String, Vec<IpAddr>>,
}

impl FixedResolver {
    /// A resolver that knows these names (lower case).
    pub fn new(addresses: impl IntoIterator<Item = (String, Vec<IpAddr>)>) -> Self {
        Self {
            addresses: addresses.into_iter().collect(),
        }
    }
}

impl Resolve for FixedResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        match self.addresses.get(host) {
            Some(known) => Box::pin(async move { Ok(known.clone()) }),
            None => SystemResolver.resolve(host),
        }
    }
}
