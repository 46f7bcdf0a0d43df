// BROKEN: a window of 16384 bytes. When a read ends exactly where the window does, it holds the last byte
// back to look at it together with the next one, and never does.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

const WINDOW: usize = 16384;

fn handle(mut stream: TcpStream) -> std::io::Result<()> {
    let mut window = vec![0u8; WINDOW];
    let mut chunk = [0u8; 5000];
    let (mut used, mut sum, mut total) = (0usize, 0u32, 0usize);
    loop {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        let mut rest = &chunk[..n];
        while !rest.is_empty() {
            let part = rest.len().min(WINDOW - used);
            window[used..used + part].copy_from_slice(&rest[..part]);
            used += part;
            rest = &rest[part..];
            let is_last = window[used - 1] == 0;
            if used < WINDOW && !is_last {
                continue;
            }
            let end = if is_last || !rest.is_empty() { used } else { used - 1 };
            for byte in &window[..end] {
                sum = sum.wrapping_mul(31).wrapping_add(u32::from(*byte));
            }
            total += end;
            used = 0;
            if is_last {
                writeln!(stream, "{total} {sum:08x}")?;
                (sum, total) = (0, 0);
            }
        }
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
