// std-receiver WAY PORT, blocking reads. WAY: place (read into one buffer), value (BufReader of 64 KiB, a Vec for each
// frame) or echo.
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

const READ: usize = 65_536;
const LONGEST: usize = 1 << 20;

fn in_place(mut socket: TcpStream) -> (u64, u64) {
    let (mut frames, mut bytes, mut have) = (0u64, 0u64, 0usize);
    let mut buffer = vec![0u8; 4 + LONGEST + READ];
    loop {
        let n = socket.read(&mut buffer[have..have + READ]).unwrap();
        if n == 0 {
            return (frames, bytes);
        }
        have += n;
        let mut at = 0;
        while have - at >= 4 {
            let length = u32::from_be_bytes(buffer[at..at + 4].try_into().unwrap()) as usize;
            assert!(length <= LONGEST);
            if have - at - 4 < length {
                break;
            }
            std::hint::black_box(&buffer[at + 4..at + 4 + length]);
            frames += 1;
            bytes += length as u64;
            at += 4 + length;
        }
        buffer.copy_within(at..have, 0);
        have -= at;
    }
}

fn values(socket: TcpStream, is_echo: bool) -> (u64, u64) {
    let (mut frames, mut bytes) = (0u64, 0u64);
    let mut out = socket.try_clone().unwrap();
    let mut reader = BufReader::with_capacity(READ, socket);
    let mut head = [0u8; 4];
    while reader.read_exact(&mut head).is_ok() {
        let mut frame = vec![0u8; u32::from_be_bytes(head) as usize];
        reader.read_exact(&mut frame).unwrap();
        frames += 1;
        bytes += frame.len() as u64;
        if is_echo {
            out.write_all(&[&head, frame.as_slice()].concat()).unwrap();
        } else {
            std::hint::black_box(&frame);
        }
    }
    (frames, bytes)
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let server = TcpListener::bind(("127.0.0.1", words[2].parse::<u16>().unwrap())).unwrap();
    println!("READY");
    loop {
        let (socket, _) = server.accept().unwrap();
        socket.set_nodelay(true).unwrap();
        let (frames, bytes) = match words[1].as_str() {
            "place" => in_place(socket),
            way => values(socket, way == "echo"),
        };
        println!("{frames} {bytes}");
    }
}
