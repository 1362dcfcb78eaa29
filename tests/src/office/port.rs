//! Ports for servers that cannot draw their own.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use super::OfficeError;
use crate::Random;

/// A TCP port that no other office draws while this value lives: its UDP twin stays bound, which the kernel ends
/// with the process, however that ends.
#[derive(Debug)]
pub(super) struct Port {
    number: u16,
    _twin: UdpSocket,
}

impl Port {
    /// Draws a free port between 20000 and 31999: below the range that the kernel gives to outgoing connections,
    /// one of which could otherwise take it between the choice and the server's start.
    pub(super) fn draw(random: &mut Random) -> Result<Self, OfficeError> {
        const ATTEMPTS: usize = 1000;
        for _ in 0..ATTEMPTS {
            let Ok(number) = u16::try_from(random.between(20_000, 31_999)) else {
                continue;
            };
            let Ok(twin) = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)) else {
                continue;
            };
            if is_free(number) {
                return Ok(Self { number, _twin: twin });
            }
        }
        Err(OfficeError::NoPorts)
    }

    /// The port.
    pub(super) fn number(&self) -> u16 {
        self.number
    }
}

/// True when a server could listen there now.
pub(super) fn is_free(number: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok()
}
