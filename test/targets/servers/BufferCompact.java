// RIGHT: NIO; compact() keeps the beginning of the next line.
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

class BufferCompact {
    static void onReadable(SocketChannel channel, ByteBuffer buffer) throws java.io.IOException {
        if (channel.read(buffer) < 0) {
            channel.close();
            return;
        }
        buffer.flip();
        for (int i = 0; i < buffer.limit(); i++) {
            if (buffer.get(i) == '\n') {
                byte[] line = new byte[i + 1 - buffer.position()];
                buffer.get(line);
                channel.write(ByteBuffer.wrap((line.length + " " + new String(line, StandardCharsets.ISO_8859_1)).getBytes()));
            }
        }
        buffer.compact();
    }

    public static void main(String[] args) throws Exception {
        Selector selector = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 64);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        while (true) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                try {
                    if (key.isAcceptable()) {
                        SocketChannel channel = server.accept();
                        channel.configureBlocking(false);
                        channel.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(8192));
                    } else {
                        onReadable((SocketChannel) key.channel(), (ByteBuffer) key.attachment());
                    }
                } catch (java.io.IOException e) {
                    key.channel().close();
                }
            }
            selector.selectedKeys().clear();
        }
    }
}
