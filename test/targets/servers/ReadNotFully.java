// BROKEN: readInt() waits for its four bytes, read(body) does not wait for the body.
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;

class ReadNotFully {
    static final int MAX_LENGTH = 1 << 20;

    static void handle(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            while (true) {
                int length = in.readInt();
                if (length < 0 || length > MAX_LENGTH) {
                    return;
                }
                byte[] body = new byte[length];
                in.read(body);
                String reply = body.length + " " + Integer.toHexString(Arrays.hashCode(body)) + "\n";
                socket.getOutputStream().write(reply.getBytes());
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    public static void main(String[] args) throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 64, here)) {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                new Thread(() -> handle(socket)).start();
            }
        }
    }
}
