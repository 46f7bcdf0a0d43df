// tokio-receiver WAY CAPACITY PORT, on one thread. WAY: place (each frame is looked at in the buffer), value (FramedRead
// with LengthDelimitedCodec) or echo (Framed). CAPACITY: the length of the read buffer.
use bytes::{Buf, BytesMut};
use futures::{SinkExt, StreamExt};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::{Framed, FramedRead, LengthDelimitedCodec};

async fn in_place(mut socket: TcpStream, capacity: usize) -> (u64, u64) {
    let (mut frames, mut bytes) = (0u64, 0u64);
    let mut buffer = BytesMut::with_capacity(capacity);
    loop {
        buffer.reserve(capacity);
        if socket.read_buf(&mut buffer).await.unwrap() == 0 {
            return (frames, bytes);
        }
        while buffer.len() >= 4 {
            let length = u32::from_be_bytes(buffer[..4].try_into().unwrap()) as usize;
            if buffer.len() - 4 < length {
                break;
            }
            std::hint::black_box(&buffer[4..4 + length]);
            frames += 1;
            bytes += length as u64;
            buffer.advance(4 + length);
        }
    }
}

async fn values(socket: TcpStream, capacity: usize) -> (u64, u64) {
    let (mut frames, mut bytes) = (0u64, 0u64);
    let mut framed = FramedRead::with_capacity(socket, LengthDelimitedCodec::new(), capacity);
    while let Some(frame) = framed.next().await {
        frames += 1;
        bytes += frame.unwrap().len() as u64;
    }
    (frames, bytes)
}

async fn echo(socket: TcpStream) -> (u64, u64) {
    let (mut frames, mut bytes) = (0u64, 0u64);
    let mut framed = Framed::new(socket, LengthDelimitedCodec::new());
    while let Some(Ok(frame)) = framed.next().await {
        frames += 1;
        bytes += frame.len() as u64;
        framed.send(frame.freeze()).await.unwrap();
    }
    (frames, bytes)
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let capacity: usize = words[2].parse().unwrap();
    let port: u16 = words[3].parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async move {
        let server = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        println!("READY");
        loop {
            let (socket, _) = server.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            let (frames, bytes) = match words[1].as_str() {
                "place" => in_place(socket, capacity).await,
                "echo" => echo(socket).await,
                _ => values(socket, capacity).await,
            };
            println!("{frames} {bytes}");
        }
    });
}
