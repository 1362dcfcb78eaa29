//! The pages that a browser shows at the end of a sign-in.

use mailroom_engine::ResultPages;

use super::Reply;
use crate::command::Context;
use crate::dto::{Nothing, PagesSet};

pub(crate) async fn pages_set(context: &Context, payload: PagesSet) -> Reply<Nothing> {
    let PagesSet {
        language,
        done_title,
        done_text,
        failed_title,
        failed_text,
    } = payload;
    context.engine.set_result_pages(ResultPages {
        language,
        done_title,
        done_text,
        failed_title,
        failed_text,
    });
    Ok(Nothing {})
}
