// Sentences of tutorials, textbooks on computing, forums, release notes, standards, papers. Written for this purpose; no
// text of any of them.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundTutorial = R"text(
In this chapter we build a small program that keeps a list of books.
Open a terminal, move to the folder of the project and type the following command.
You should now see a window with a single button in it.
Do not worry if you do not understand every line yet; we will come back to each of them.
First we need to install the compiler and the build tool.
If everything went well, the program prints a greeting.
Let us now change the function so that it takes a second argument.
As an exercise, extend the example so that it also counts vowels.
The code compiles, but it does not yet do what we want.
What happens when we try to run it?
This works because strings are a kind of sequence, and sequences can be sliced.
Think of the stack as a pile of plates: you can only take the one on top.
Variables declared inside the loop are not visible outside of it.
Why would anyone want to do that?
There are two ways to pass a value, and it is worth knowing both.
Beginners often forget the colon at the end of the line.
The difference between the two is subtle but important.
Here is the complete listing, with the new lines in bold.
It is good practice to give every test a name that says what it checks.
We could have written a loop instead, but the comprehension is shorter and just as clear.
Notice how the type of the result follows from the types of the arguments.
The rest of the function is the same as before.
A closure captures the variables of the scope in which it was created.
Ownership moves to the new variable, and the old one can no longer be used.
The compiler rejects this program, and rightly so.
We say that the function borrows its argument, since it gives it back in the end.
Lifetimes are a way to tell the compiler how long a reference is good for.
Pattern matching makes it impossible to forget a case.
Recursion is elegant, but each call costs a frame on the stack.
Dynamic typing is a matter of taste, and this book takes no side.
Inheritance models what a thing is, composition what it has.
Design patterns are names for solutions that good programmers find anyway.
Premature optimisation has ruined many a program that was fast enough.
Measure first, then think, and only then change the code.
A race condition shows itself only when the timing is unlucky, which makes it hard to reproduce.
The easiest way to share data between threads is not to share it at all.
Deadlock is what you get when two parties each wait for the other to go first.
A hash table gives constant time on average, though the worst case is linear.
Binary search halves the range with each step and thus needs few of them.
Trees that are allowed to become lopsided lose their advantage.
Dynamic programming trades memory for time by keeping what has been computed.
It can be shown that no comparison sort does better than this bound.
The proof is by induction on the number of nodes.
Floating point numbers are not real numbers, and most surprises follow from that.
A byte is eight bits, and a bit is the answer to one question with yes or no.
Text is bytes plus an agreement about what they mean.
The web grew out of the wish of physicists to read the papers of their colleagues.
A protocol is a conversation whose rules were agreed upon beforehand.
Every request stands on its own, because the server does not remember the previous one.
Encryption hides what you say but not that you say it.
A salt makes sure that two people with the same password have different hashes.
Normal forms remove redundancy from a table by splitting it.
A foreign key ties a row of one table to a row of another.
Views, triggers and procedures live inside the database and are easily forgotten there.
Branches are cheap, so make one for every idea.
A commit message should explain why, since the difference already shows what.
Code is read more often than it is written.
The customer rarely knows what he wants until he sees what he does not want.
Agile methods promise less planning and deliver more meetings.
Estimates are wrong; the question is only in which direction.
Working software is the best documentation, provided that someone can read it.
## Getting started
Clone the repository and run the setup script, which takes care of the rest.
Requires a recent compiler and nothing else.
This project is in an early stage, and its interface may change at any time.
Pull requests are welcome, but please open an issue first so that we can talk about it.
A small, fast and friendly library for working with colours.
Why another parser generator? Because the others are too hard to use.
See the wiki for a list of frequently asked questions.
Add the following line to your configuration and restart the editor.
The plugin is loaded automatically once it lies in the right folder.
Contributions must come with tests and follow the style of the surrounding code.
Released under a permissive licence, see the file in the root of the repository.
Special thanks go to everyone who reported problems and sent patches.
Supports tables, footnotes, task lists and definition lists out of the box.
Pre-built binaries for all major platforms can be found on the releases page.
The roadmap for the coming year includes a new backend and better error messages.
How do I center a box both horizontally and vertically?
Short answer: you cannot, but there is a workaround that comes close.
I have been trying to get this to work for two days and I am about to give up.
That did the trick, thank you so much!
Does this also work with the older version, or do I have to upgrade?
It depends on what you mean by thread-safe.
The accepted answer is out of date; nowadays there is a method for this.
You are probably missing an import at the top of the file.
Edit: fixed a typo in the second paragraph, as pointed out in the comments.
Could you please post a minimal example that shows the problem?
I would rather use a set here, since the order does not matter.
My understanding is that the garbage collector takes care of that.
Sorry for the late reply, I was on holiday.
Changed: the default theme is now dark.
Added support for right-to-left scripts in the editor.
Fixed a bug where the cursor jumped to the end of the line when typing quickly.
Improved the speed of searching in very large documents.
Removed the experimental renderer, which nobody used.
The minimum supported version of the language has been raised.
Security researchers are asked to report vulnerabilities by encrypted mail.
This release is the work of forty-two people from eleven countries.
Known issue: printing does not work when the page is zoomed.
The term client is used in this document for the party that opens the connection.
The key words must, should and may are to be interpreted as described elsewhere.
An implementation that receives an unknown option must ignore it.
The length field covers the header as well as the payload.
All integers are sent in network byte order, that is, with the most significant byte first.
Reserved bits are set to zero by the sender and not looked at by the receiver.
The grammar is given in the notation of the previous section.
Figure three shows the exchange of messages when both sides close at once.
Interoperability with older peers is out of the scope of this memo.
Implementers are advised to choose the initial number at random.
The abstract machine has a stack, a heap and a small set of registers.
A conforming program shall not depend on the order of evaluation of its operands.
The value of an expression statement is discarded.
An identifier is a letter followed by any number of letters, digits and underscores.
The scope of a label is the function in which it appears.
The translation unit is the text that is left after all directives have been carried out.
We present a new method for the segmentation of images and show that it outperforms earlier ones.
Our model is trained end to end on pairs of sentences.
Table two compares the accuracy of the three approaches on the same data.
The authors would like to thank the anonymous reviewers for their helpful remarks.
Future work will have to show whether the results carry over to larger graphs.
Related work falls into two groups.
Experiments were run on a machine with two processors and plenty of memory.
The hypothesis could not be rejected at the usual level of significance.
Latency is the time that passes between a question and its answer; throughput says how many answers there are in a second.
A good monitoring system tells you what is broken before your customers do.
Logs are for people, metrics are for machines, and traces are for both.
Alerts that nobody acts upon should be deleted.
An error budget is the amount of failure that everyone has agreed to live with.
Backups are worth nothing until someone has restored from them.
In the cloud you rent other people's computers by the minute.
Microservices turn function calls into network requests, with all that this entails.
A load balancer spreads the requests over several servers and leaves out those that do not answer.
Caching is easy; knowing when to throw things away is hard.
Every outage has more than one cause.
The postmortem lists what went well, what went wrong and where we were lucky.
Authentication asks who you are, authorisation what you may do.
Never trust input that comes from outside, and remember that everything does.
Passwords should be long rather than complicated.
Phishing works because people are helpful.
A firewall with too many rules protects nobody, since no one understands it.
Operating systems hide the hardware behind a handful of simple ideas.
A process is a program in motion, with its memory, its open files and its identity.
Virtual memory lets each program believe that it has the machine to itself.
When memory runs short, the system has to choose a victim.
The scheduler gives every task a small slice of time and takes it away again.
Interrupts are how devices get the attention of the processor.
The file system turns a row of numbered blocks into names and folders.
Drivers are the part of the kernel that is written by those who know the device.
A compiler translates once, an interpreter again and again.
The linker ties loose ends together.
Machine learning replaces rules that nobody can write by examples that somebody has to collect.
Overfitting means that the model has learned the noise along with the signal.
A neural network is a long chain of simple functions with many knobs.
The curse of dimensionality says that in high dimensions everything is far from everything else.
Spreadsheets are the most popular programming language in the world.
Regular expressions are write-only for most of us.
To undo the last change, press the two keys together once more.
Choose the second entry of the menu and confirm the question that appears.
The toolbar can be hidden with a click on its right edge.
Drag the slider until the preview looks the way you like it.
If the screen stays black, check that the cable is plugged in at both ends.
Hold the power button for ten seconds to bring the device back to its original state.
The battery lasts for about eight hours when the screen is dimmed.
The printer accepts paper of up to three hundred grams.
Your subscription includes updates for one year.
Click on the link in the message to confirm your address.
Pair the headphones with your phone by holding them close to each other.
Store the toner cartridge flat and away from direct light.
)text";

}  // namespace logsieve
