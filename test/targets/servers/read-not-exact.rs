// BROKEN: read() where read_exact() is meant, for the three bytes of the length.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn handle(mut stream: TcpStream) -> std::io::Result<()> {
    loop {
        let mut prefix = [0u8; 3];
        if stream.read(&mut prefix)? == 0 {
            return Ok(());
        }
        let length = (prefix[0] as usize) << 16 | (prefix[1] as usize) << 8 | prefix[2] as usize;
        let mut body = vec![0u8; length];
        stream.read_exact(&mut body)?;
        body.sort();
        stream.write_all(&prefix)?;
        stream.write_all(&body)?;
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
