package dev.tokenmeter.gateway.estimate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTextTest {
    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = AnswerTextTest.class.getResourceAsStream("/wire/" + name)) {
            return in.readAllBytes();
        }
    }

    private static String joined(Collection<StringBuilder> blocks) {
        return String.join("|", blocks);
    }

    private static Produced produced(String answer) {
        String json = answer.replace('\'', '"');
        return AnswerText.of(json.getBytes(java.nio.charset.StandardCharsets.UTF_8), !json.startsWith("{"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "data: {'choices':[{'index':0,'delta':{'content':'Hel'}}]}\\n\\ndata: {'choices':[{'index':0,'delta':{'content':'lo'}}]}",
                "{'choices':[{'index':0,'message':{'content':'Hello'}}]}",
                "{'choices':[{'index':0,'message':{'content':[{'type':'text','text':'Hello'}]}}]}",
                "{'choices':[{'index':0,'text':'Hello'}]}",
                "{'choices':[{'message':{'content':null,'tool_calls':[{'id':'c','function':{'name':'Hel','arguments':'lo'}}]}}]}",
                "data: {'type':'response.output_text.delta','delta':'Hello'}\\n\\ndata: {'type':'response.output_text.done','text':'Hello'}",
                "data: {'type':'response.function_call_arguments.delta','delta':'Hello'}\\n\\ndata: {'type':'response.audio.delta','delta':'AAAA'}",
                "{'object':'response','output':[{'type':'message','content':[{'type':'output_text','text':'Hello'}]}]}",
                "data: {'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'Hello'}}",
                "data: {'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'Hello'}}",
                "{'type':'message','content':[{'type':'text','text':'Hello'}]}",
                "data: {'type':'completion','completion':'Hello'}",
                "data: {'candidates':[{'content':{'parts':[{'text':'Hel'},{'text':'lo'}]}}]}",
                "{'candidates':[{'content':{'parts':[{'text':'Hello'},{'inlineData':{'data':'AAAA'}}]}}]}"
            })
    void textIsFoundInEveryDialectStreamedOrNot(String answer) {
        Produced produced = produced(answer.replace("\\n", "\n"));
        assertThat(joined(produced.texts())).isEqualTo("Hello");
        assertThat(produced.reasonings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {'choices':[{'index':0,'delta':{'reasoning_content':'Hmm','reasoning':'Hmm'}}]}",
                "data: {'type':'response.reasoning_summary_text.delta','delta':'Hmm'}",
                "data: {'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'Hmm'}}",
                "{'candidates':[{'content':{'parts':[{'text':'Hmm','thought':true}]}}]}",
                "{'output':[{'type':'reasoning','summary':[{'type':'summary_text','text':'Hmm'}]}]}"
            })
    void thoughtsAreToldApart(String answer) {
        Produced produced = produced(answer);
        assertThat(joined(produced.reasonings())).isEqualTo("Hmm");
        assertThat(produced.texts()).isEmpty();
    }

    @Test
    void choicesThatTakeTurnsAreNotMixed() {
        String both = "data: {'choices':[{'index':0,'delta':{'content':'a'}}]}\n\n"
                + "data: {'choices':[{'index':1,'delta':{'content':'b'}}]}\n\n";
        assertThat(joined(produced(both.repeat(3)).texts())).isEqualTo("aaa|bbb");
    }

    @Test
    void onlyWhatCameAfterTheProvidersLastCountIsLeft() throws IOException {
        Produced whole = AnswerText.of(fixture("compatible-usage-on-every-chunk.sse"), true);
        assertThat(whole.wasCounted()).isTrue();
        assertThat(whole.texts()).isEmpty();
        Produced anthropic = produced("data: {'type':'message_start','message':{'usage':{'output_tokens':3}}}\n\n"
                + "data: {'type':'content_block_delta','index':0,'delta':{'text':'Hello'}}\n\n");
        assertThat(anthropic.wasCounted()).isFalse();
        assertThat(joined(anthropic.texts())).isEqualTo("Hello");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "openai-chat-stream.sse",
                "openai-chat-stream-crlf.sse",
                "anthropic-stream.sse",
                "openai-responses-stream.sse",
                "gemini-stream.sse",
                "gemini-vertex-stream.sse",
                "groq-stream.sse",
                "openrouter-stream.sse",
                "gemini-stream.json",
                "anthropic-message.json",
                "openai-chat.json",
                "openai-responses.json"
            })
    void anAnswerThatIsCutAtAnyByteIsReadUpToThere(String name) throws IOException {
        byte[] whole = fixture(name);
        int before = 0;
        for (int length = 0; length <= whole.length; length++) {
            Produced cut = AnswerText.of(Arrays.copyOf(whole, length), name.endsWith(".sse"));
            int found = joined(cut.texts()).length();
            assertThat(found >= before || cut.wasCounted())
                    .as("cut at " + length)
                    .isTrue();
            before = cut.wasCounted() ? 0 : Math.max(0, found - 1); // a surrogate pair may be cut
        }
    }
}
