package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.text.AddressBlock;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.peers.http.FailureKinds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
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
 * Tells by the first bytes of a connection whether the caller uses the protocol of the port. If
 * not, {@link ListenerFaults} gets a note, and the connection ends. HTTP/1 at the gRPC port and
 * gRPC at the HTTP port get one line of text first. The first handler of a connection, which it
 * leaves once the protocol fits.
 *
 * <p>Until the first bytes come, the broker sends nothing: a gRPC server sends its settings at
 * once, and an HTTP/1 client would take them for its response.
 */
public final class FirstBytes extends ByteToMessageDecoder {

  /** Tells the PROXY protocol from PUT, and PRI from PROXY. */
  private static final int ENOUGH = 6;

  private static final int SHOWN_BYTES = 24;

  /** In which a caller that is still sending can read the answer. */
  private static final long LINGER_MILLIS = 1_000;

  private static final String PROXY_2 = "\r\n\r\n\0\r";

  private final Listener port;
  private final ListenerFaults faults;
  private boolean refused;

  /** For a port that takes no PROXY protocol. */
  public FirstBytes(Listener port, ListenerFaults faults) {
    this.port = port;
    this.faults = faults;
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
    if (tls ? came == ListenerFault.TLS : fitsWithoutTls(came)) {
      if (ssl != null) {
        ssl.handshakeFuture().addListener(end -> shaken(connection, end.cause()));
      }
      context.pipeline().remove(Unsent.class);
      context.flush();
      context.pipeline().remove(this); // which passes what has been read
      return;
    }
    refused = true;
    int shown = Math.min(SHOWN_BYTES, first.readableBytes());
    noted(
        connection,
        tls && came != ListenerFault.PROXY_PROTOCOL ? ListenerFault.PLAIN : came,
        "it begins with the bytes " + ByteBufUtil.hexDump(first, first.readerIndex(), shown));
    if ((port == Listener.GRPC && came == ListenerFault.HTTP1)
        || (port == Listener.HTTP && came == ListenerFault.HTTP2)) {
      answer(context);
    } else {
      var _ = context.close();
    }
  }

  /** Tells where the other port is. */
  private void answer(ChannelHandlerContext context) {
    ChannelOutboundBuffer unsent = context.channel().unsafe().outboundBuffer();
    unsent.addFlush();
    while (unsent.remove()) {}
    String told = faults.told(port);
    String answer =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
            + "Content-Length: %d\r\n\r\n%s".formatted(told.length(), told);
    var _ = context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
    // A close with unread bytes would be a reset, which may overtake the answer.
    var _ = ((DuplexChannel) context.channel()).shutdownOutput();
    var _ =
        context
            .executor()
            .schedule(
                () -> {
                  var _ = context.close();
                },
                LINGER_MILLIS,
                TimeUnit.MILLISECONDS);
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

  /** Leaves what the broker writes unsent. */
  private static final class Unsent extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext context) {}
  }
}
