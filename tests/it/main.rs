//! Tests that need no servers: the house's own rules, and journeys through the engine with scripted peers.

mod architecture;
mod contract;
