//! The store against real files.

mod account;
mod content;
mod draft;
mod expected;
mod file;
mod folder;
mod folder_thread;
mod ingest;
mod kit;
mod lasting;
mod list;
mod operation;
mod outbox;
mod part;
mod place;
mod plan;
mod possession;
mod readers;
mod reindex;
mod schema;
mod search;
mod small_tables;
mod storage;
mod traffic;
mod unindexed;
