//! Asks the system not to let answers wait in a USB adapter.
//!
//! Linux' driver of FTDI's chips sets their latency timer to 1 ms for a port with the flag `ASYNC_LOW_LATENCY`, which whoever may open
//! the port may set. Other systems and other chips have no such flag; what answers then wait for, the link measures
//! ([`Pace`](crate::Pace)).

use std::os::fd::AsRawFd;

use nix::libc::{TIOCGSERIAL, TIOCSSERIAL};

/// The flag, of `linux/tty_flags.h`.
const ASYNC_LOW_LATENCY: i32 = 1 << 13;
/// Where a `serial_struct` (`linux/serial.h`) has its flags: behind type, line, port and interrupt.
const FLAGS: usize = 4;

/// Room for a `serial_struct`, 72 bytes on 64-bit machines, aligned for its pointers.
#[repr(C, align(8))]
#[derive(Default)]
struct SerialStruct([i32; 32]);

nix::ioctl_read_bad!(get_serial, TIOCGSERIAL, SerialStruct);
nix::ioctl_write_ptr_bad!(set_serial, TIOCSSERIAL, SerialStruct);

/// Asks for it on an open port; whether the system took it. A pseudo-terminal does not, and needs it not.
#[expect(
    unsafe_code,
    reason = "ioctls on a descriptor whose owner is borrowed, with memory that outlives the calls"
)]
pub fn ask(port: &impl AsRawFd) -> bool {
    let mut serial = SerialStruct::default();
    // SAFETY: the kernel writes a `serial_struct`, which the memory has room for; the descriptor is open while its owner is borrowed.
    if unsafe { get_serial(port.as_raw_fd(), &mut serial) }.is_err() {
        return false;
    }
    serial.0[FLAGS] |= ASYNC_LOW_LATENCY;
    // SAFETY: the kernel reads what it has just written, one flag changed.
    unsafe { set_serial(port.as_raw_fd(), &serial) }.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_such_flag_says_so() {
        let null = std::fs::File::open("/dev/null").unwrap();
        assert!(!ask(&null));
    }
}
