//! Mail as files.

use std::path::PathBuf;

use mailroom_engine::{ArchiveFormat, ExportReport, ExportWish, ImportReport, ImportWish};

use super::{Reply, address};
use crate::WireError;
use crate::command::Context;
use crate::dto::{
    ExportedFolderView, MailExport, MailExported, MailImport, MailImported, MissingMessageView,
    RefusedMessageView,
};
use crate::view::count;

pub(crate) async fn mail_export(context: &Context, payload: MailExport) -> Reply<MailExported> {
    let format = ArchiveFormat::from_name(&payload.format)
        .ok_or_else(|| WireError::input("format", "neither mbox, maildir nor eml"))?;
    let wish = ExportWish {
        address: address(&payload.address)?,
        folders: payload.folders,
        format,
        target: PathBuf::from(&payload.target),
        may_add: payload.add,
        only_local: payload.local,
    };
    let report = context.engine.export_mail(&wish, &context.cancel).await?;
    Ok(exported(payload.target, report))
}

fn exported(target: String, report: ExportReport) -> MailExported {
    MailExported {
        target,
        folders: report
            .folders
            .into_iter()
            .map(|folder| ExportedFolderView {
                path: folder.path,
                file: folder.file,
                messages: count(folder.messages),
                kept: count(folder.kept),
                bytes: count(folder.bytes),
                left: count(folder.left),
            })
            .collect(),
        missing: report
            .missing
            .into_iter()
            .map(|missing| MissingMessageView {
                folder: missing.folder,
                uid: missing.uid,
                subject: missing.subject,
                error: WireError::from_fault(missing.fault),
            })
            .collect(),
        missing_count: count(report.missing_count),
    }
}

pub(crate) async fn mail_import(context: &Context, payload: MailImport) -> Reply<MailImported> {
    let wish = ImportWish {
        address: address(&payload.address)?,
        folder: payload.folder,
        paths: payload.paths.iter().map(PathBuf::from).collect(),
    };
    Ok(imported(
        context.engine.import_mail(&wish, &context.cancel).await?,
    ))
}

fn imported(report: ImportReport) -> MailImported {
    MailImported {
        folder: report.folder,
        imported: count(report.imported),
        known: count(report.known),
        deleted: count(report.deleted),
        waiting: count(report.waiting),
        refused: report
            .refused
            .into_iter()
            .map(|refused| RefusedMessageView {
                origin: refused.origin,
                subject: refused.subject,
                error: WireError::from_fault(refused.fault),
            })
            .collect(),
        refused_count: count(report.refused_count),
        error: report.stopped.map(WireError::from_fault),
    }
}
