// BROKEN: reads the varint of a length from the bytes that are there; when they run out before a byte
// without the high bit, it returns what it has.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate() {
        value |= ((byte & 0x7f) as usize) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    if bytes.is_empty() { None } else { Some((value, bytes.len())) }
}

fn handle(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    let mut wanted = None;
    let mut chunk = [0u8; 4096];
    loop {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        buffer.extend_from_slice(&chunk[..n]);
        loop {
            if wanted.is_none() {
                let Some((length, size)) = varint(&buffer) else { break };
                wanted = Some(length);
                buffer.drain(..size);
            }
            let length = wanted.unwrap();
            if buffer.len() < length {
                break;
            }
            let sum: u32 = buffer.drain(..length).map(u32::from).sum();
            writeln!(stream, "{length} {sum}")?;
            wanted = None;
        }
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
