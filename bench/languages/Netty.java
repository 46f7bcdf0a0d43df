// Netty WAY PORT, one event loop. WAY: place (each frame is looked at in the accumulated buffer), value or echo (with
// LengthFieldBasedFrameDecoder).
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.util.List;

public class Netty {
  static final int LONGEST = 8 << 20;

  /** Looks at each frame and makes nothing of it. */
  static class InPlace extends ByteToMessageDecoder {
    long frames, bytes, sum;

    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      while (in.readableBytes() >= 4) {
        int at = in.readerIndex(), length = in.getInt(at);
        if (in.readableBytes() - 4 < length) return;
        sum += in.getByte(at + 4);
        frames++;
        bytes += length;
        in.skipBytes(4 + length);
      }
    }

    protected void handlerRemoved0(ChannelHandlerContext context) {
      System.out.println(frames + " " + bytes);
    }
  }

  static class Values extends ChannelInboundHandlerAdapter {
    final boolean isEcho;
    long frames, bytes;

    Values(boolean isEcho) {
      this.isEcho = isEcho;
    }

    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf frame = (ByteBuf) message;
      frames++;
      bytes += frame.readableBytes();
      if (isEcho) context.write(frame);
      else frame.release();
    }

    public void channelReadComplete(ChannelHandlerContext context) {
      if (isEcho) context.flush();
    }

    public void channelInactive(ChannelHandlerContext context) {
      System.out.println(frames + " " + bytes);
    }
  }

  public static void main(String[] words) throws Exception {
    String way = words[0];
    new ServerBootstrap()
        .group(new NioEventLoopGroup(1), new NioEventLoopGroup(1))
        .channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              protected void initChannel(SocketChannel channel) {
                if (way.equals("place")) {
                  channel.pipeline().addLast(new InPlace());
                  return;
                }
                channel.pipeline().addLast(new LengthFieldBasedFrameDecoder(LONGEST, 0, 4, 0, 4));
                if (way.equals("echo")) channel.pipeline().addLast(new LengthFieldPrepender(4));
                channel.pipeline().addLast(new Values(way.equals("echo")));
              }
            })
        .bind("127.0.0.1", Integer.parseInt(words[1]))
        .sync();
    System.out.println("READY");
    Thread.currentThread().join();
  }
}
