// Prose in English and sentences in other languages. Written for this purpose; no text of any collection.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundProse = R"text(
The ferry left the harbour just before dawn, carrying three passengers and a crate of oranges.
Nobody in the village could remember a colder spring than this one.
She folded the letter twice and put it back into the drawer without reading it again.
My uncle used to say that a good knife is worth more than a good horse.
When the rain finally stopped, the children ran out to count the snails on the garden wall.
He was not the kind of man who apologised, and everyone at the table knew it.
The museum on the hill is closed on Mondays, but the gardens around it stay open all year.
After twenty years abroad he had forgotten how loud the crickets were in August.
What surprised her most was not the size of the house but how little furniture there was in it.
"You may go," said the judge, "but do not let me see you in this room again."
Two old women sat on a bench by the canal and argued about the price of fish.
It was the summer in which my brother learned to swim and I learned to lie.
The painter worked slowly, adding one thin layer of blue after another until the sky seemed to breathe.
There are few pleasures greater than reading a long novel on a slow train.
The dog followed them to the edge of the forest and then turned back.
Winter came early that year, and the shepherds brought their flocks down before the first snow.
He laughed so hard that he spilled his coffee over the newspaper.
I have never understood why people whisper in churches but shout in libraries.
By the time the guests arrived, the candles had burned down to almost nothing.
Every morning the baker opened his window and whistled the same three notes.
The queen listened to the ambassador with great patience and then refused everything he asked.
On the far side of the river stood a mill that had not turned since the war.
Her voice was low and clear, like a bell heard across water.
They walked for hours along the beach, saying nothing that mattered and enjoying every word.
The old professor kept a jar of sweets on his desk for students who were brave enough to disagree.
A thin moon hung above the rooftops and the streets smelled of wet stone.
If you are ever in Lisbon, take the tram to the top of the hill and walk down.
The boy who delivered the milk wanted to become an astronomer.
Nothing is as quiet as a theatre an hour after the play has ended.
She had a talent for making strangers feel that they had known her for years.
Chop the onions finely and let them soften in butter over a low heat for ten minutes.
Whisk the egg whites until they form stiff peaks, then fold them gently into the chocolate.
Season the lamb with salt, pepper and rosemary, and roast it until the skin is golden.
Leave the dough in a warm place until it has doubled in size.
Serve with lemon wedges and a simple green salad.
Add a splash of white wine and let it bubble until the pan is almost dry.
This soup is even better on the second day, when the flavours have had time to settle.
You will need four ripe tomatoes, a handful of basil and the best olive oil you can find.
The council voted on Tuesday to turn the disused railway line into a cycle path.
Farmers in the region fear that a second dry summer could ruin the harvest.
The striker scored twice in the final ten minutes to give the visitors an unlikely victory.
Ticket prices will rise next season for the third year in a row, the club announced.
Researchers found that children who slept longer did better in tests of memory.
The minister said that he would not resign and that the report contained several mistakes.
Thousands of people gathered in the square to celebrate the anniversary of the revolution.
Shares in the airline fell sharply after it warned that profits would be lower than expected.
Police are looking for witnesses who were near the bridge on Saturday evening.
The new library, designed by a young architect from Porto, will open its doors in September.
Voters in the north favoured the opposition, while turnout in the cities was unusually low.
The orchestra will tour five countries before returning home for a series of concerts in winter.
A rare orchid thought to have died out was discovered by hikers last weekend.
The film tells the story of two sisters who inherit a bankrupt circus.
Critics praised her performance but found the third act far too long.
Light travels faster than sound, which is why we see the lightning before we hear the thunder.
The heart of a blue whale is roughly the size of a small car.
Photosynthesis turns sunlight, water and carbon dioxide into sugar and oxygen.
The treaty of 1648 ended three decades of war and redrew the map of the continent.
Copper was one of the first metals that people learned to shape with fire.
Whether mathematics is discovered or invented is a question that philosophers still debate.
Most of the mass of an atom is concentrated in its nucleus.
The novel is set in Vienna shortly before the collapse of the empire.
Economists disagree about how strongly prices respond to a change in interest rates.
Honey bees communicate the direction of flowers by means of a dance.
In the second century the city had more than a million inhabitants and eleven aqueducts.
The earliest known maps were scratched into clay more than four thousand years ago.
Bread was so expensive in those years that it was locked away at night.
An argument is valid if its conclusion cannot be false while all of its premises are true.
The moon always shows us the same side because it turns once in every orbit.
Volcanic soil is poor in nitrogen but rich in other minerals that plants need.
Language changes fastest where many people of different origins live side by side.
The author argues that cities grew not in spite of disease but in constant negotiation with it.
Dear Margaret, thank you so much for the lovely scarf, it arrived just in time for the cold weather.
I hope this finds you well and that the move to the new flat was not too tiring.
Could we meet on Thursday instead? My daughter has a concert on Wednesday evening.
Thanks again for your hospitality last weekend, the children are still talking about the goats.
Please find attached the minutes of our last meeting and the agenda for the next one.
Let me know whether you would rather have the aisle seat or the window.
I am writing to apply for the position of assistant gardener advertised in your magazine.
We are sorry to hear that the table you ordered arrived with a scratch on one of its legs.
Happy birthday! May all your wishes come true, and may the cake be large.
Looking forward to seeing you all at the wedding in June.
honestly i think the second season was way better than the first one
does anyone know a good place for ramen near the station?
lol my cat just knocked over the christmas tree again
Bought this lamp in March and I absolutely love it, the light is warm and it was easy to put together.
The hotel was clean and the staff friendly, but breakfast was a disappointment.
Would not recommend: the straps broke after two hikes and nobody answered my letters.
Great value for the money, my grandson plays with it every single day.
The room had a lovely view over the bay and the bed was very comfortable.
This agreement shall be governed by the laws of the country in which the seller resides.
The tenant shall keep the garden in good order and shall not keep animals without written consent.
Permission is given to copy and share this work, in whole or in part, provided that the author is named.
Neither party shall be liable for any loss caused by events beyond its reasonable control.
The licensee may not rent, lease or lend the work to others, nor remove any notice of ownership.
No warranty is given, express or implied, that the work is fit for a particular purpose.
If any provision of this contract is held to be invalid, the remaining provisions stay in force.
You may distribute modified copies as long as you mark clearly what you have changed and when.
The purchaser agrees to pay the balance within thirty days of receiving the invoice.
Each member of the society has one vote, and decisions are taken by simple majority.
For the purposes of this chapter, a vessel is any craft used for transport on water.
All rights not expressly granted to you are reserved by the author and his heirs.
To be, or to wonder whether one ought to be, is a luxury of those who have slept.
Four legs in the morning, two at noon and three in the evening: what is it?
Fortune favours the prepared mind, and the mind that is not prepared does not notice.
A journey is best measured in friends rather than miles.
He who digs a pit for others should make it comfortable.
O gentle night, that hides the thorn and shows the flower only by its scent.
The wind is a thief who steals only what is already loose.
Shall we gather by the water where the willows bend and sigh?
Roses fade and ribbons fray, but a debt outlives the day.
This book is for readers who have some experience of gardening but have never grown vegetables.
In the next chapter we look at how the idea of childhood changed during the nineteenth century.
As we have seen, the answer depends on what one means by freedom.
Consider a box that holds three red balls and five blue ones, and suppose that you draw two.
Let us assume, for the sake of argument, that all swans are white.
The first edition appeared in 1923 and was sold out within a week.
Before you begin, make sure that you have read the instructions and laid out all the parts.
Turn the handle clockwise until it clicks, then pull the cover towards you.
Do not wash this garment at more than thirty degrees, and dry it flat in the shade.
Keep out of the reach of children and store in a cool, dry place.
Take one tablet with a glass of water after each meal, unless your doctor tells you otherwise.
Cross the bridge, turn left at the church and follow the stream for about a mile.
The third exit of the roundabout leads to the castle and the car park.
This manual explains what the program does, how to install it and where to ask for help.
The option described above is meant for advanced users and is seldom needed.
In this section you will learn how to write your first small program and how to run it.
Readers who are new to the subject may want to skip the proofs at first.
The library is written in plain C and has no dependencies apart from the standard one.
We welcome contributions of all kinds, from corrected spelling to whole new chapters.
The following table lists the names of the authors in alphabetical order.
You may convey copies of the work as you receive it, in any medium, provided that each copy carries the notice above.
The rights granted under this section end if you fail to keep any of its terms.
"Derived work" means a work that is based on the original, whether in whole or in part.
Nothing in this paragraph limits the rights that the reader has under the law of his country.
If the law does not allow the exclusion of implied warranties, the above exclusion may not apply to you.
Each contributor grants you a licence, without fee and for the whole world, to use his contribution.
The names of the authors may not be used to promote products without their prior written permission.
In no event shall the author be held responsible for damages that arise from the use of this text.
Once a copy has been distributed under the terms of this document, it cannot be withdrawn.
"Source form" means the form of the work that is preferred for making changes to it.
This licence does not oblige you to publish the changes that you make for your own use.
You may charge a price for the act of transferring a copy, and you may offer a guarantee in exchange for a fee.
A publication that contains parts of this book must say so on its first page.
By accepting these terms you state that you are of legal age and able to enter into a contract.
Copyright is held by the contributors, who are named in the appendix.
The buyer may return the goods within fourteen days without giving any reason.
Version 2 of this licence replaces all earlier ones.
(b) The notice must be placed where a reader is likely to see it.
3. Disputes are to be settled by arbitration in the city where the society has its seat.
The user agrees that the owner of the archive may change these conditions from time to time.
Returns the largest of its arguments, or the default if there are none.
The function takes a list of words and returns a dictionary that maps each to its length.
If the argument is negative, the string is padded on the left instead of on the right.
This class represents a date in the Gregorian calendar and supports comparison.
Split the text at every comma and return the parts as a list.
The second parameter says how many characters to skip before the search begins.
See the chapter on classes for a longer explanation of inheritance.
Note that the order of the elements is not defined and may change between versions.
Objects of this type can be compared, hashed and used as keys.
Subclasses should override this method; the default does nothing.
Use this option when you want the output to be sorted by name rather than by date.
An iterator produces its values one after another and remembers where it stopped.
The pattern may contain wildcards: an asterisk stands for any number of characters.
When no name is given, the program reads from its standard input.
By default the picture is scaled to the width of the page.
For example, the following lines draw a red circle on a white ground.
It is up to the caller to free the memory that this function allocates.
A pointer to the first element is returned, or a null pointer if the list is empty.
This variable holds the number of columns of the terminal.
The behaviour is undefined if the two regions overlap.
Modules are a way of structuring a large program by means of dotted names.
In the example above, the variable shadows the one in the outer scope.
We will talk about ownership in the next chapter, but first we need to understand references.
Let's look at a simple game in which the player has to guess a secret number.
Notice that we did not have to write the type: the compiler can work it out.
This is convenient, but it makes the code harder to read and to test.
You can think of a trait as a promise that a type knows how to do something.
Before version three, strings and bytes were one and the same thing.
Every rule has exceptions, and this chapter is about them.
The rest of this page describes the grammar in more detail.
The flag is deprecated and will be removed in a future version of the tool.
This command lists all projects that the current account is allowed to see.
If the path is relative, it is taken from the folder in which the program was started.
Use this call to find out how many threads the library was built to use.
The server can be told to listen on another port by means of the second argument.
Signals that arrive while the handler runs are held back until it returns.
A process that has ended but has not been waited for is called a zombie.
Permissions are checked when a file is opened and not again when it is read.
The kernel keeps a count of the references to each page and frees it when there are none.
Enable this setting only if you know what the consequences for your data are.
When the timeout is zero, the call returns at once whether or not there is anything to read.
Errors are reported by an exception whose message says what went wrong.
The format of the configuration file is explained in section five of this manual.
This test should pass on every platform that has threads.
The compiler warns about variables that are never used, since they often point to a mistake.
Each region has at least three zones, and a disk can only be attached to machines in its own zone.
The name of the policy to update, or an empty string for the one in use by default.
Values that are out of range are silently replaced by the nearest legal ones.
A password that is easy to remember is not always easy to guess.
This header declares the functions that convert between numbers and their text.
It is an error to call this function before the connection has been set up.
The cache is emptied whenever a module is loaded for the second time.
Running the build with more jobs than there are processors rarely makes it faster.
The request is retried up to three times unless the option says otherwise.
Support for old browsers was dropped in the second release.
The argument may be a string, a number or a list of either.
Only the owner of the bucket and the administrators of the project may change its labels.
In the following listing the main function starts two workers and waits until both have finished.
Fix a crash that happened when the list of windows was empty.
Older versions did not check the length of the certificate chain.
Memory that was allocated with the first function must be released with the second.
The example shows how to print a message when the user presses a key.
A lock that is taken twice by the same thread leads to a deadlock.
There is no need to restart the service after you have edited this file.
To see which packages depend on this one, run the same command with the reverse option.
This module implements the protocol that mail programs use to read messages from a server.
The number of retries and the time between them can be given as a pair.
A socket is one end of a connection between two programs, which may run on different machines.
Check whether the given object is a generator, and return false if it is anything else.
Remove all filters from the list and start again with an empty one.
Attributes that begin with an underscore are private and should not be relied upon.
Writes are buffered until the block is full or the file is closed.
If none of the hosts answers, the operation fails and the previous state is kept.
The reader may wonder why the scheduler does not simply stop the slowest task.
Disk space is cheap, but the time that it takes to copy a large file is not.
Every system call can fail, and a careful programmer looks at what it returns.
Sometimes it is better to write simple code twice than clever code once.
A variable is a name for a value; think of it as a label on a box.
Good software is like good gardening: most of the work is pulling out what should not be there.
The grandfather clock in the hall struck midnight while nobody was listening.
Grapes from the southern slope ripen a week earlier than those by the river.
He carried the piano up four flights of stairs and never let anyone forget it.
Snow lay on the fields and the crows looked larger than usual.
"Is there any more cake?" asked the smallest of the cousins.
The captain poured himself a glass of rum and unfolded the chart.
Between the two mountains lies a lake so deep that no one has ever touched its floor.
You could tell from his boots that he had not walked here.
She married a clockmaker, a quiet man with ink on his fingers and a passion for chess.
The teacher drew a circle on the board and asked the class what they saw.
It is said that the bridge was built in one night by the devil himself.
Our neighbour grows dahlias as big as dinner plates.
What a strange thing it is to wake in a house that is empty of everyone you love.
They had tea on the lawn, under a striped umbrella, as though nothing had happened.
The tailor measured him twice, shook his head and measured him a third time.
A flock of starlings rose from the field and turned above the road like smoke.
No one believed the girl until the elephant actually walked into the square.
Music, he thought, was the only argument that could not be answered.
The desert begins where the road ends, and the road ends rather suddenly.
In those days a letter from the capital took eleven days to arrive.
Give a hungry man a proverb and he will still be hungry.
The lesson ended, the bell rang, and forty chairs scraped across the floor at once.
)text";

const std::string_view kBackgroundLanguages = R"text(
Der Zug nach Hamburg fährt heute leider nicht vom gewohnten Gleis ab.
Meine Großmutter backt jeden Sonntag einen Kuchen für die ganze Familie.
Im Herbst färben sich die Blätter der alten Buchen langsam rot und golden.
Wir haben gestern Abend lange über das neue Theaterstück gesprochen.
Er wusste nicht mehr, ob er die Tür hinter sich geschlossen hatte.
Die Katze schläft am liebsten auf dem warmen Fensterbrett.
Bitte bringen Sie mir noch ein Glas Wasser und die Rechnung.
Das Museum am Fluss zeigt Bilder aus dem siebzehnten Jahrhundert.
Le marché du samedi matin attire des visiteurs de tout le département.
Mon frère a promis de nous rejoindre au bord de la mer en juillet.
Elle ouvrit la fenêtre pour laisser entrer l'air frais du soir.
Les enfants jouent dans la cour pendant que les parents préparent le repas.
Je voudrais une baguette bien cuite et deux croissants, s'il vous plaît.
Il faut cultiver son jardin, disait le vieux philosophe en souriant.
La pluie tombait sans arrêt sur les toits gris de la ville.
Nous avons visité un château magnifique entouré de vignes.
Mi hermana estudia arquitectura en una ciudad pequeña del norte.
Los domingos comemos paella en casa de mis abuelos.
El viento movía las cortinas y nadie se atrevía a hablar.
¿Podrías decirme dónde queda la estación de autobuses más cercana?
Había una vez un rey que no sabía reír.
La biblioteca del barrio cierra a las nueve de la noche.
Me encanta el olor de la tierra mojada después de la lluvia.
El perro corre por el parque detrás de una pelota roja.
La zia prepara il sugo la mattina presto e lo lascia cuocere per ore.
Quest'estate vorremmo visitare le isole del sud in barca.
I bambini hanno costruito un castello di sabbia sulla spiaggia.
Non avevo mai visto un tramonto così bello sopra le montagne.
Il treno per Firenze parte tra dieci minuti dal terzo binario.
Preferisco leggere un buon libro piuttosto che guardare la televisione.
O menino guardava as conchas numa caixa debaixo da cama.
Amanhã vamos almoçar num restaurante perto da praia.
A minha avó contava histórias de navios e tempestades.
De kinderen fietsen elke ochtend langs het kanaal naar school.
Ik heb gisteren een heel oud boek op de markt gevonden.
Het regent al drie dagen en de tuin staat onder water.
Barnen lekte i snön tills det blev mörkt ute.
Jag tycker om att dricka kaffe på balkongen om sommaren.
Den gamla kyrkan ligger på en kulle utanför byn.
Min far plejede at fiske i søen hver lørdag morgen.
Vi spiste middag ved havnen og så på skibene.
Kesällä aurinko ei laske lainkaan ja linnut laulavat koko yön.
Isoäiti neuloi meille kaikille villasukat jouluksi.
Babcia opowiadała nam bajki przy kominku.
Na rynku w Krakowie gołębie jedzą z ręki.
Latem chodziliśmy boso po mokrej trawie.
Na podzim jezdíme do lesa sbírat houby.
Starý mlynář měl tři syny a jednu krávu.
A kertben virágoznak a cseresznyefák és zümmögnek a méhek.
Tegnap este sokáig beszélgettünk a régi időkről.
Bunica face cea mai bună plăcintă cu mere din sat.
Copiii aleargă pe câmp după fluturi.
Dedem her sabah bahçedeki gülleri sular.
Vapur iskeleden ayrılırken martılar peşinden uçtu.
Мы долго сидели у костра и пели старые песни.
Бабушка испекла пирог с яблоками и позвала соседей.
Утром туман лежал над рекой, и было очень тихо.
Мой брат мечтает стать капитаном дальнего плавания.
Діти побігли до річки, щойно скінчився дощ.
На площі продавали яблука, мед і свіжий хліб.
Котката спи на дивана до прозореца.
Ο γέρος καθόταν κάθε απόγευμα στο ίδιο παγκάκι και κοίταζε τη θάλασσα.
Το καλοκαίρι πηγαίνουμε στο νησί με το πλοίο.
昔々、山の奥に小さな村がありました。
明日は家族と一緒に海へ行くつもりです。
彼女は窓を開けて、春の風を部屋に入れた。
この本は難しいですが、とても面白いです。
妈妈在厨房里做饭，爸爸在院子里浇花。
我昨天在图书馆借了三本小说。
春天来了，河边的柳树都绿了。
他从小就喜欢听爷爷讲故事。
우리 할머니는 시장에서 과일을 파십니다.
어제 친구와 함께 영화를 보고 저녁을 먹었어요.
كان الصياد العجوز يجلس كل مساء على شاطئ البحر.
ذهبنا في الصيف الماضي إلى قرية صغيرة بين الجبال.
הילדים שיחקו בחצר עד שירד הערב.
אתמול קראתי ספר מעניין על ים ועל אוניות.
मेरी दादी हर सुबह बगीचे में फूल तोड़ती हैं।
कल हम सब मिलकर नदी के किनारे घूमने जाएंगे।
ฉันชอบเดินเล่นริมทะเลตอนเย็นกับครอบครัว
Bà tôi thường kể chuyện cổ tích vào những đêm trăng sáng.
Ibu memasak nasi goreng dan ayah membaca koran di beranda.
Watoto wanacheza mpira uwanjani baada ya shule.
La malnova domo staris ĉe la rando de la arbaro.
)text";

}  // namespace logsieve
