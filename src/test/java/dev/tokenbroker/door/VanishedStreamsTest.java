package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VanishedStreamsTest {

  @Test
  void keep_their_connection_open_when_they_are_answered() throws Exception {
    Http2ConnectionHandler http2 =
        new Http2ConnectionHandlerBuilder()
            .server(true)
            .validateHeaders(false)
            .frameListener(new Http2EventAdapter())
            .build();
    EmbeddedChannel channel = new EmbeddedChannel(new VanishedStreams(), http2);
    http2.connection().remote().createStream(1, true).close();
    drop(channel);

    var _ =
        http2
            .encoder()
            .writeHeaders(
                channel.pipeline().context(http2),
                1,
                new DefaultHttp2Headers().status("200"),
                0,
                true,
                channel.voidPromise());
    channel.runPendingTasks();

    assertThatCode(channel::checkException).doesNotThrowAnyException();
    assertThat(channel.isOpen()).isTrue();
    assertThat(http2.connection().goAwaySent()).isFalse();
  }

  static Stream<Throwable> others() {
    return Stream.of(
        Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "broken"),
        new IllegalStateException("Stream no longer exists: 1"),
        new IllegalStateException("closed", new IOException("broken")));
  }

  @ParameterizedTest
  @MethodSource("others")
  void are_all_that_is_overlooked(Throwable other) {
    EmbeddedChannel channel = new EmbeddedChannel(new VanishedStreams());

    channel.pipeline().fireExceptionCaught(other);

    assertThatThrownBy(channel::checkException).isSameAs(other);
  }

  private static void drop(EmbeddedChannel channel) {
    for (ByteBuf written = channel.readOutbound(); written != null; ) {
      written.release();
      written = channel.readOutbound();
    }
  }
}
