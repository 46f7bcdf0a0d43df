// Echo with DataInputStream and DataOutputStream: PORT for writeInt and bytes, PORT for writeUTF.

import java.io.*;
import java.net.*;

public class DataStreams {
  interface Echo {
    void once(DataInputStream in, DataOutputStream out) throws IOException;
  }

  public static void main(String[] ports) throws IOException {
    serve(Integer.parseInt(ports[1]), (in, out) -> out.writeUTF(in.readUTF()));
    serve(Integer.parseInt(ports[0]), (in, out) -> {
      byte[] frame = new byte[in.readInt()];
      in.readFully(frame);
      // Unbuffered: the length and the bytes are separate writes.
      out.writeInt(frame.length);
      out.write(frame);
    });
  }

  static void serve(int port, Echo echo) throws IOException {
    ServerSocket server = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
    new Thread(() -> {
      while (true) {
        try {
          Socket socket = server.accept();
          new Thread(() -> answer(socket, echo)).start();
        } catch (IOException error) {
          return;
        }
      }
    }).start();
  }

  static void answer(Socket socket, Echo echo) {
    try (socket) {
      socket.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      while (true) echo.once(in, out);
    } catch (IOException over) {
      // The client has closed.
    }
  }
}
