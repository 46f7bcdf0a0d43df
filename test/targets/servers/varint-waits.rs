// RIGHT: a varint without a last byte is not there yet.
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
    None
}

fn handle(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    let mut chunk = [0u8; 4096];
    loop {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        buffer.extend_from_slice(&chunk[..n]);
        while let Some((length, size)) = varint(&buffer) {
            if buffer.len() < size + length {
                break;
            }
            let sum: u32 = buffer[size..size + length].iter().copied().map(u32::from).sum();
            buffer.drain(..size + length);
            writeln!(stream, "{length} {sum}")?;
        }
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
