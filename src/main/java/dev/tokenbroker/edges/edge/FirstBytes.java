package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.outcome.AddressBlock;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.peers.http.FailureKinds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first bytes of a connection whether the caller uses the protocol of the port. A
 * caller that does not gets an answer in its own protocol, and {@link ListenerFaults} gets a note.
 * Otherwise this handler leaves the connection. The first handler of a connection.
 *
 * <p>Until the first bytes come, the broker sends nothing: a gRPC server sends its settings at
 * once, and an HTTP/1 client would take them for its response.
 */
public final class FirstBytes extends ByteToMessageDecoder {

  /** Tells the PROXY protocol from PUT, and PRI from PROXY. */
  private static final int ENOUGH = 6;

  private static final int SHOWN_BYTES = 24;
  private static final long LINGER_MILLIS = 1_000;
  private static final String PROXY_2 = "\r\n\r\n\0\r";
  private static final String ALERT_UNEXPECTED_MESSAGE = "\25\3\3\0\2\2\n";

  private final Listener port;
  private final ListenerFaults faults;
  private final long lingerMillis;
  private boolean refused;

  /** For a port that takes no PROXY protocol. */
  public FirstBytes(Listener port, ListenerFaults faults) {
    this(port, faults, LINGER_MILLIS);
  }

  /**
   * The same with another time between a refusal and the close.
   *
   * @param lingerMillis in which a caller that is still sending can read the answer
   */
  FirstBytes(Listener port, ListenerFaults faults, long lingerMillis) {
    this.port = port;
    this.faults = faults;
    this.lingerMillis = lingerMillis;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.pipeline().addAfter(context.name(), null, new Unsent());
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> messages) {
    if (refused) {
      bytes.skipBytes(bytes.readableBytes());
    } else if (bytes.readableBytes() >= ENOUGH) {
      decide(context, bytes);
    }
  }

  private void decide(ChannelHandlerContext context, ByteBuf first) {
    Channel connection = context.channel();
    SslHandler ssl = context.pipeline().get(SslHandler.class);
    boolean tls = ssl != null || context.pipeline().get(AbstractSniHandler.class) != null;
    ListenerFault came = came(first);
    if (!(tls ? came == ListenerFault.TLS : fitsWithoutTls(came))) {
      int shown = Math.min(SHOWN_BYTES, first.readableBytes());
      noted(
          connection,
          tls && came != ListenerFault.PROXY_PROTOCOL ? ListenerFault.PLAIN : came,
          "it begins with the bytes " + ByteBufUtil.hexDump(first, first.readerIndex(), shown));
      refuse(context, came, faults.told(port, tls));
    } else if (ssl != null) {
      var _ = ssl.handshakeFuture().addListener(end -> shaken(connection, end.cause()));
    }
    if (!refused) {
      context.pipeline().remove(Unsent.class);
      context.flush();
      context.pipeline().remove(this); // which passes what has been read
    }
  }

  private void refuse(ChannelHandlerContext context, ListenerFault came, String told) {
    var _ =
        context
            .executor()
            .schedule(
                () -> {
                  var _ = context.close();
                },
                lingerMillis,
                TimeUnit.MILLISECONDS);
    if (came == ListenerFault.HTTP2) {
      ChannelHandler codec = Http2FrameCodecBuilder.forServer().build();
      context.pipeline().addAfter(context.name(), null, unimplemented(told));
      context.pipeline().addAfter(context.name(), null, codec);
      return;
    }
    refused = true;
    ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
    unsent.addFlush();
    while (unsent.remove()) {}
    String answer =
        came == ListenerFault.TLS
            ? ALERT_UNEXPECTED_MESSAGE
            : "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                + "Content-Length: "
                + told.length()
                + "\r\n\r\n"
                + told;
    var _ = context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
    // A close with unread bytes would be a reset, which may overtake the answer.
    var _ = ((DuplexChannel) context.channel()).shutdownOutput();
  }

  private boolean fitsWithoutTls(ListenerFault came) {
    return port == Listener.GRPC
        ? came == ListenerFault.HTTP2
        : came == ListenerFault.HTTP1 || came == ListenerFault.OTHER_BYTES; // Vert.x answers
  }

  private static ListenerFault came(ByteBuf first) {
    String begin = first.toString(first.readerIndex(), ENOUGH, StandardCharsets.ISO_8859_1);
    return switch (begin) {
      case "PROXY ", PROXY_2 -> ListenerFault.PROXY_PROTOCOL;
      case "PRI * " -> ListenerFault.HTTP2;
      default ->
          begin.startsWith("\26\3")
              ? ListenerFault.TLS
              : begin.matches("[A-Z]{3,6}|[A-Z]{3,5} .*")
                  ? ListenerFault.HTTP1
                  : ListenerFault.OTHER_BYTES;
    };
  }

  /** Notes why a TLS handshake failed. */
  private void shaken(Channel connection, @Nullable Throwable why) {
    Throwable refusal = FailureKinds.cause(why, CertificateException.class);
    if (refusal != null) {
      noted(connection, ListenerFault.CLIENT_CERTIFICATE, String.valueOf(refusal.getMessage()));
    } else if (why != null && !(why instanceof ClosedChannelException)) {
      noted(connection, ListenerFault.HANDSHAKE, String.valueOf(why.getMessage()));
    }
  }

  private void noted(Channel connection, ListenerFault fault, String detail) {
    String from =
        connection.remoteAddress() instanceof InetSocketAddress address
            ? AddressBlock.of(address.getAddress().getHostAddress())
            : "an unknown address";
    faults.noted(port, fault, from + ": " + detail);
  }

  /** Ends each request in HTTP/2: gRPC clients show the text, others a status. */
  private static ChannelHandler unimplemented(String told) {
    return new SimpleChannelInboundHandler<Http2Frame>() {
      @Override
      protected void channelRead0(ChannelHandlerContext context, Http2Frame frame) {
        if (frame instanceof Http2HeadersFrame request) {
          String type = String.valueOf(request.headers().get("content-type"));
          Http2Headers answer =
              new DefaultHttp2Headers()
                  .status(type.startsWith("application/grpc") ? "200" : "400")
                  .set("content-type", "application/grpc")
                  .set("grpc-status", "12")
                  .set("grpc-message", told);
          var _ =
              context.writeAndFlush(
                  new DefaultHttp2HeadersFrame(answer, true).stream(request.stream()));
        }
      }
    };
  }

  /** Leaves what the broker writes unsent. */
  private static final class Unsent extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext context) {}
  }
}
