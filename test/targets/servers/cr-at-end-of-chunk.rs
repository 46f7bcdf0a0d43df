// BROKEN: turns CRLF into LF chunk by chunk; a CR at the end of a chunk is taken for half of a CRLF, and
// dropped, but the text has CRs of its own (progress bars).
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn normalize(chunk: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, byte) in chunk.iter().enumerate() {
        let next = chunk.get(index + 1);
        if *byte != b'\r' || next.is_some_and(|next| *next != b'\n') {
            text.push(*byte);
        }
    }
    text
}

fn handle(mut stream: TcpStream) -> std::io::Result<()> {
    let mut text = Vec::new();
    let mut chunk = [0u8; 1024];
    loop {
        let n = stream.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        text.extend(normalize(&chunk[..n]));
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            let returns = line.iter().filter(|byte| **byte == b'\r').count();
            writeln!(stream, "{} bytes, {} returns", line.len(), returns)?;
        }
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
