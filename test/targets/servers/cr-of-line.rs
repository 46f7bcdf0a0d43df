// RIGHT: BufRead::read_until() for the line, then its CR is looked for.
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn handle(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::with_capacity(64, &stream);
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.ends_with(b"\r\n") {
            line.remove(line.len() - 2);
        }
        let returns = line.iter().filter(|byte| **byte == b'\r').count();
        writeln!(&stream, "{} bytes, {} returns", line.len(), returns)?;
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
