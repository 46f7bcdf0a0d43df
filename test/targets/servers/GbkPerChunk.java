// BROKEN: makes a String of each chunk in GBK; a character of two bytes that is cut is lost.
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;

class GbkPerChunk {
    static final Charset GBK = Charset.forName("GBK");

    static void handle(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            byte[] chunk = new byte[1024];
            for (int n; (n = in.read(chunk)) >= 0; ) {
                text.append(new String(chunk, 0, n, GBK));
                for (int end; (end = text.indexOf("#")) >= 0; text.delete(0, end + 1)) {
                    String reply = end + " " + new StringBuilder(text.substring(0, end)).reverse() + "\n";
                    socket.getOutputStream().write(reply.getBytes(GBK));
                }
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
