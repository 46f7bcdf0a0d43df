// Echo with Netty's own frame decoders and prependers: a PORT for each of the formats below.

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.*;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.*;
import io.netty.handler.codec.protobuf.*;
import java.nio.ByteOrder;

public class NettyEcho {
  interface Format {
    ChannelHandler[] handlers();
  }

  static final int MOST = 8 << 20;

  static final Format[] FORMATS = {
    // four bytes, the payload
    () -> new ChannelHandler[] {
      new LengthFieldBasedFrameDecoder(MOST, 0, 4, 0, 4), new LengthFieldPrepender(4)
    },
    // two bytes, little endian, that count themselves
    () -> new ChannelHandler[] {
      new LengthFieldBasedFrameDecoder(ByteOrder.LITTLE_ENDIAN, 65_535, 0, 2, -2, 2, true),
      new LengthFieldPrepender(ByteOrder.LITTLE_ENDIAN, 2, 0, true)
    },
    // whole frames: two bytes in front, three of length, one behind that is counted
    () -> new ChannelHandler[] {new LengthFieldBasedFrameDecoder(MOST, 2, 3, 0, 0)},
    () -> new ChannelHandler[] {
      new ProtobufVarint32FrameDecoder(), new ProtobufVarint32LengthFieldPrepender()
    },
  };

  public static void main(String[] ports) throws Exception {
    EventLoopGroup boss = new NioEventLoopGroup(1);
    EventLoopGroup workers = new NioEventLoopGroup(1);
    // The first port last: where it accepts, all of them do.
    for (int i = ports.length - 1; i >= 0; i--) {
      Format format = FORMATS[i];
      new ServerBootstrap()
          .group(boss, workers)
          .channel(NioServerSocketChannel.class)
          .childHandler(
              new ChannelInitializer<Channel>() {
                protected void initChannel(Channel channel) {
                  channel.pipeline().addLast(format.handlers()).addLast(new Echo());
                }
              })
          .bind("127.0.0.1", Integer.parseInt(ports[i]))
          .sync();
    }
  }

  static class Echo extends ChannelInboundHandlerAdapter {
    public void channelRead(ChannelHandlerContext context, Object frame) {
      context.write(frame);
    }

    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
