//! The Test of an account, and the certificates of its servers.

use mailroom_engine::{CertificateException, exceptions};
use mailroom_model::EmailAddress;

use super::{Reply, address};
use crate::command::Context;
use crate::dto::{
    AccountAddress, AccountTest, CertificateForget, CertificateTrust, CertificateView, TestReport,
    TrustedCertificate,
};
use crate::view;

pub(crate) async fn account_test(context: &Context, payload: AccountTest) -> Reply<TestReport> {
    let address = address(&payload.address)?;
    let testing = context
        .engine
        .test_account(&address, payload.full_loop, &context.cancel);
    Ok(view::test(&address, testing.await?))
}

pub(crate) async fn certificate_list(
    context: &Context,
    payload: AccountAddress,
) -> Reply<Vec<CertificateView>> {
    made(context, &address(&payload.address)?).await
}

pub(crate) async fn certificate_trust(
    context: &Context,
    payload: CertificateTrust,
) -> Reply<Vec<CertificateView>> {
    let wanted = view::trusted(&TrustedCertificate {
        host: payload.host,
        port: payload.port,
        fingerprint: payload.fingerprint,
    })?;
    let address = address(&payload.address)?;
    // Boxed: the future holds a look at a server and is large.
    let trusting = Box::pin(context.engine.trust_certificate(&address, &wanted));
    mailroom_engine::until(&context.cancel, trusting).await?;
    made(context, &address).await
}

pub(crate) async fn certificate_forget(
    context: &Context,
    payload: CertificateForget,
) -> Reply<Vec<CertificateView>> {
    let address = address(&payload.address)?;
    let host = payload.host.to_ascii_lowercase();
    context
        .engine
        .forget_certificate(&address, &host, payload.port)
        .await?;
    made(context, &address).await
}

/// The exceptions of an account.
async fn made(context: &Context, address: &EmailAddress) -> Reply<Vec<CertificateView>> {
    let account = context.engine.account_summary(address).await?;
    let made: Vec<CertificateException> = exceptions(&account.row);
    Ok(made.into_iter().map(view::certificate).collect())
}
