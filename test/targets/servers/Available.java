// BROKEN: available() is taken for the length of the message.
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

class Available {
    static void handle(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            for (int first; (first = in.read()) >= 0; ) {
                byte[] rest = new byte[in.available()];
                in.read(rest);
                String message = (char) first + new String(rest, StandardCharsets.ISO_8859_1);
                String reply = message.length() + " " + message.strip().toUpperCase() + "\n";
                socket.getOutputStream().write(reply.getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (java.io.IOException e) {
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
