// BROKEN: a window of 16384 bytes. When a read ends exactly where the window does, it holds the last byte
// back to look at it together with the next one, and never does.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

const WINDOW: usize = 16384;

fn handle(mut stream: TcpStream) -> std::io::Result<()> {
    let mut window = Vec::with_capacity(WINDOW);
    let mut chunk = [0u8; 5000];
    let (mut sum, mut total) = (0u32, 0usize);
    loop {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        for (index, byte) in chunk[..n].iter().enumerate() {
            window.push(*byte);
            let is_last = *byte == 0;
            if !is_last && window.len() < WINDOW {
                continue;
            }
            let is_held_back = !is_last && index + 1 == n;
            let end = window.len() - usize::from(is_held_back);
            for byte in &window[..end] {
                sum = sum.wrapping_mul(31).wrapping_add(u32::from(*byte));
            }
            total += end;
            window.clear();
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
