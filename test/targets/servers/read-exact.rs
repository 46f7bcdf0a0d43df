// RIGHT: read_exact() for the length and for the body, through a BufReader.
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

fn handle(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    loop {
        let mut prefix = [0u8; 3];
        reader.read_exact(&mut prefix)?;
        let length = (prefix[0] as usize) << 16 | (prefix[1] as usize) << 8 | prefix[2] as usize;
        let mut body = vec![0u8; length];
        reader.read_exact(&mut body)?;
        body.sort();
        (&stream).write_all(&[&prefix[..], &body].concat())?;
    }
}

fn main() {
    let port = std::env::args().nth(1).unwrap();
    for stream in TcpListener::bind(format!("127.0.0.1:{port}")).unwrap().incoming().flatten() {
        std::thread::spawn(|| handle(stream));
    }
}
