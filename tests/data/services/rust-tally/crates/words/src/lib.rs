//! What a text is made of.

use unicode_segmentation::UnicodeSegmentation;

/// How many words the text has.
pub fn count(text: &str) -> usize {
    text.unicode_words().count()
}
