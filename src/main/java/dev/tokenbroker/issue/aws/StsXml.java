package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.files.BoundedFile;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a response of the STS: the texts of its innermost elements by their paths. It refuses a
 * document type, entities beyond the five of XML, processing instructions, more than {@value
 * #MAX_ELEMENTS} elements, {@value #MAX_DEPTH} levels, and an element that stands twice. {@code
 * PeerClient} bounds its size.
 *
 * @param namespace that of all its elements; empty if they have none
 * @param texts by path: {@code ErrorResponse/Error/Code}
 */
record StsXml(String namespace, Map<String, String> texts) {

  static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

  private static final int MAX_ELEMENTS = 64;
  private static final int MAX_DEPTH = 8;

  /** Empty if it is anything else. */
  static Optional<StsXml> parse(byte[] body) {
    try {
      String text = BoundedFile.text(body);
      return text.contains("<!DOCTYPE") ? Optional.empty() : read(text);
    } catch (CharacterCodingException | XMLStreamException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<StsXml> read(String document) throws XMLStreamException {
    // Each by itself: a factory is not safe for use by several threads. Not looked up as a service.
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    XMLStreamReader xml = factory.createXMLStreamReader(new StringReader(document));
    try {
      return Optional.ofNullable(read(xml));
    } finally {
      xml.close();
    }
  }

  private static @Nullable StsXml read(XMLStreamReader xml) throws XMLStreamException {
    Map<String, String> texts = new HashMap<>();
    Deque<String> paths = new ArrayDeque<>();
    String namespace = null;
    StringBuilder text = new StringBuilder();
    int elements = 0;
    while (xml.hasNext()) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          String own = xml.getNamespaceURI() == null ? "" : xml.getNamespaceURI();
          namespace = namespace == null ? own : namespace;
          if (!own.equals(namespace) || ++elements > MAX_ELEMENTS || paths.size() == MAX_DEPTH) {
            return null;
          }
          paths.push(
              paths.isEmpty() ? xml.getLocalName() : paths.peek() + "/" + xml.getLocalName());
          text.setLength(0);
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(xml.getText());
        case XMLStreamConstants.END_ELEMENT -> {
          if (texts.putIfAbsent(paths.pop(), text.toString().strip()) != null) {
            return null;
          }
          text.setLength(0);
        }
        case XMLStreamConstants.COMMENT,
            XMLStreamConstants.SPACE,
            XMLStreamConstants.START_DOCUMENT,
            XMLStreamConstants.END_DOCUMENT -> {}
        default -> {
          return null; // a document type, an entity, a processing instruction
        }
      }
    }
    return namespace == null ? null : new StsXml(namespace, Map.copyOf(texts));
  }

  /** The code of an error of AWS; empty for any other body. */
  static String error(byte[] body) {
    return parse(body).map(xml -> xml.text("ErrorResponse/Error/Code")).orElse("");
  }

  /** The text of that element; empty without one. */
  String text(String path) {
    return texts.getOrDefault(path, "");
  }
}
